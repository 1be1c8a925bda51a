// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"
#include "store/lmdb/archive_fold.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_mending.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr std::size_t blocks_at_once = 32;
constexpr ArchiveId greatest{std::numeric_limits<std::uint64_t>::max()};

struct BlockRow {
    ArchiveId first = ArchiveId::none;
    std::string bytes;
};

class BlockMending {
public:
    BlockMending(const Mending& mending, SoundStanza sound)
        : mending_{mending}
        , sound_{sound}
    {}

    void run()
    {
        ArchiveRepair& repair = mending_.repair;
        const std::vector<BlockRow> rows = some_rows();
        const std::size_t count = std::min(rows.size(), blocks_at_once);
        for (std::size_t i = 0; i < count; ++i) {
            mend(rows[i], i + 1 < rows.size() ? rows[i + 1].first : greatest);
        }
        repair.place.clear();
        if (count < rows.size()) {
            repair.place = Key{number(rows[count].first)}.bytes();
        }
        if (added_ > 0) {
            repair.done.push_back(
                fmt::format("{} entries are in the lists again that lead to them", added_));
        }
    }

private:
    Key key_of(ArchiveId first) const { return Key{mending_.owner}.u64(number(first)); }

    // With one more, where there is one, which is for the next time.
    std::vector<BlockRow> some_rows()
    {
        std::vector<BlockRow> rows;
        Cursor cursor{mending_.transaction, Table::archive_blocks, Key{mending_.owner}};
        const Key from = Key{mending_.owner}.raw(mending_.repair.place);
        for (bool more = cursor.seek(from); more && rows.size() <= blocks_at_once;
             more = cursor.next()) {
            const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
            rows.push_back({first, std::string{cursor.value()}});
        }
        return rows;
    }

    void mend(const BlockRow& row, ArchiveId next)
    {
        const auto block = Block::read(mending_.codec, row.first, row.bytes);
        const auto before = overlapped(row.first);
        if (block && !before &&
            std::ranges::all_of(block->entries(), sound_, &BlockEntry::stanza)) {
            return add_missing(block->entries());
        }
        const Block part = block ? Block{} : Block::read_part(mending_.codec, row.first, row.bytes);
        const std::vector<BlockEntry> entries =
            block ? without_unsound(block->entries()) : salvaged(row, part, next);
        mending_.transaction.erase(Table::archive_blocks, key_of(row.first));
        if (before) {
            join(row.first, entries, *before, next);
        } else {
            put(entries);
        }
    }

    // The block before, where it does not end before an id.
    std::optional<BlockRow> overlapped(ArchiveId first)
    {
        Cursor cursor{mending_.transaction, Table::archive_blocks, Key{mending_.owner}};
        if (!cursor.seek_back(key_of(ArchiveId{number(first) - 1}))) {
            return std::nullopt;
        }
        BlockRow row{ArchiveId{BytesReader{cursor.key_rest()}.u64()}, std::string{cursor.value()}};
        const auto head = read_block_head(row.first, row.bytes);
        return head && head->last >= first ? std::optional{std::move(row)} : std::nullopt;
    }

    // It may be garbage that looks like entries: those are kept that the lists know, or that lists
    // which are damaged too might know.
    std::vector<BlockEntry> salvaged(const BlockRow& row, const Block& part, ArchiveId next)
    {
        std::vector<BlockEntry> kept;
        for (const BlockEntry& entry : part.entries()) {
            const Listed listed = listed_with_party(mending_.transaction, mending_.owner, entry);
            if (listed != Listed::no && entry.id < next && sound_(entry.stanza)) {
                kept.push_back(entry);
            }
        }
        note_lost(row, kept, next);
        mending_.repair.kept += kept.size();
        mending_.repair.done.push_back(fmt::format(
            "entry {}: of the damaged block that began here, {} entries are kept",
            number(row.first),
            kept.size()));
        return kept;
    }

    void note_lost(const BlockRow& row, const std::vector<BlockEntry>& kept, ArchiveId next)
    {
        const auto head = read_block_head(row.first, row.bytes);
        const bool ends = head && head->last < next;
        mending_.suspect(row.first, ends ? head->last : ArchiveId{number(next) - 1});
        for (const ArchiveId id : {row.first, ends ? head->last : row.first}) {
            if (!std::ranges::binary_search(kept, id, {}, &BlockEntry::id)) {
                mending_.lose(id);
            }
        }
    }

    std::vector<BlockEntry> without_unsound(const std::vector<BlockEntry>& entries)
    {
        std::vector<BlockEntry> left;
        for (const BlockEntry& entry : entries) {
            if (sound_(entry.stanza)) {
                left.push_back(entry);
                continue;
            }
            mending_.suspect(entry.id, entry.id);
            mending_.lose(entry.id);
            mending_.repair.done.push_back(
                fmt::format("entry {}: it was no message, and is gone", number(entry.id)));
        }
        return left;
    }

    // What both have is there once from then on.
    void join(
        ArchiveId first,
        const std::vector<BlockEntry>& entries,
        const BlockRow& before,
        ArchiveId next)
    {
        const auto block = Block::read(mending_.codec, before.first, before.bytes);
        if (!block) { // its turn was before
            return put(entries);
        }
        std::vector<BlockEntry> all;
        std::ranges::set_union(
            block->entries(),
            entries,
            std::back_inserter(all),
            {},
            &BlockEntry::id,
            &BlockEntry::id);
        std::erase_if(all, [next](const BlockEntry& entry) { return entry.id == next; });
        mending_.transaction.erase(Table::archive_blocks, key_of(before.first));
        mending_.repair.done.push_back(fmt::format(
            "entry {}: the block that began here overlapped the one before: they are one",
            number(first)));
        put(all);
    }

    void put(const std::vector<BlockEntry>& entries)
    {
        put_blocks(mending_.transaction, mending_.codec, mending_.owner, entries);
        add_missing(entries);
    }

    void add_missing(const std::vector<BlockEntry>& entries)
    {
        for (const BlockEntry& entry : entries) {
            added_ += add_missing_postings(mending_, entry) ? 1 : 0;
        }
    }

    const Mending& mending_;
    const SoundStanza sound_;
    std::size_t added_ = 0; ///< entries that the lists did not lead to
};

} // namespace

namespace {

void widen(ArchiveId& from, ArchiveId& to, ArchiveId first, ArchiveId last)
{
    from = from == ArchiveId::none ? first : std::min(from, first);
    to = std::max(to, last);
}

} // namespace

void Mending::suspect(ArchiveId first, ArchiveId last) const
{
    widen(repair.suspect_from, repair.suspect_to, first, last);
}

void Mending::lose(ArchiveId id) const
{
    widen(repair.lost_from, repair.lost_to, id, id);
}

bool Mending::is_suspect(ArchiveId id) const
{
    return repair.suspect_from != ArchiveId::none && id >= repair.suspect_from &&
           id <= repair.suspect_to;
}

void mend_blocks(const Mending& mending, SoundStanza sound)
{
    BlockMending{mending, sound}.run();
}

} // namespace sarang::lmdb
