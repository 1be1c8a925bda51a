// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_fold.h"

#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_postings.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <limits>
#include <span>

namespace sarang::lmdb {
namespace {

// The records that still hold and are in no block yet.
std::vector<JournalRecord>
records_of(const FoldPart& part, std::uint64_t first_row, ArchiveId folded)
{
    std::vector<JournalRecord> records;
    records.reserve(part.records.size());
    for (const FoldRecord& one : part.records) {
        BytesReader reader{one.bytes};
        if (auto record = read_record(reader);
            record && one.row >= first_row && record->entry.id > folded) {
            records.push_back(*record);
        }
    }
    return records;
}

std::vector<BlockEntry> entries_of(const std::vector<JournalRecord>& records)
{
    std::vector<BlockEntry> entries;
    entries.reserve(records.size());
    for (const JournalRecord& record : records) {
        entries.push_back(record.entry);
    }
    return entries;
}

// Those that the archive keeps.
std::vector<BlockEntry> without_notes(std::vector<BlockEntry> entries)
{
    std::erase_if(entries, [](const BlockEntry& entry) { return is_note(entry.role); });
    return entries;
}

class Blocks {
public:
    Blocks(WriteTransaction& transaction, BlockCodec& codec, std::uint64_t owner)
        : transaction_{transaction}
        , codec_{codec}
        , owner_{owner}
    {}

    // Puts entries behind all others; a last block that is small is filled up.
    void add(const std::vector<BlockEntry>& entries)
    {
        const auto small = last_if_small();
        std::vector<BlockEntry> all;
        if (small) {
            all = small->entries();
        }
        all.insert(all.end(), entries.begin(), entries.end());
        put_blocks(transaction_, codec_, owner_, all);
    }

private:
    std::optional<Block> last_if_small()
    {
        Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
        if (!cursor.seek_back(Key{owner_}.u64(std::numeric_limits<std::uint64_t>::max()))) {
            return std::nullopt;
        }
        const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
        row_ = cursor.value();
        const auto head = read_block_head(first, row_);
        if (head && head->size >= block_bytes / 2) {
            return std::nullopt;
        }
        auto block = head ? Block::read(codec_, first, row_) : std::nullopt;
        if (!block) { // those who read it will be told; what is new is kept beside it
            transaction_.damaged("the last block of an archive");
        }
        return block;
    }

    WriteTransaction& transaction_;
    BlockCodec& codec_;
    std::uint64_t owner_;
    std::string row_; ///< the last block's, to be read while others are written
};

void advance(ArchiveHead& head, const std::vector<BlockEntry>& entries)
{
    if (head.count == 0) {
        head.first = entries.front().id;
    }
    head.count += entries.size();
    head.last = entries.back().id;
}

void fold_part(WriteTransaction& transaction, BlockCodec& codec, const FoldPart& part)
{
    const std::uint64_t first_row = first_valid_row(transaction, part.owner);
    const auto known = find_owner(transaction, part.owner);
    const ArchiveHead before = known ? sound_head(transaction, *known) : ArchiveHead{};
    const auto records = records_of(part, first_row, before.folded);
    if (records.empty()) {
        return;
    }
    const std::uint64_t owner = known ? *known : need_owner(transaction, part.owner);
    const auto all = entries_of(records);
    const auto entries = without_notes(all);
    ArchiveHead head = before;
    if (head.host == 0) {
        head.host = need_host(transaction, records.front().host);
    }
    if (!entries.empty()) {
        Blocks{transaction, codec, owner}.add(entries);
        add_postings(transaction, owner, entries);
        advance(head, entries);
    }
    add_to_inbox(transaction, owner, all);
    head.folded = all.back().id;
    put_archive_head(transaction, owner, before, head);
}

} // namespace

void put_blocks(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::uint64_t owner,
    std::span<const BlockEntry> entries)
{
    while (!entries.empty()) {
        const std::size_t count = block_count(entries);
        const Key key = Key{owner}.u64(number(entries.front().id));
        transaction.put(Table::archive_blocks, key, write_block(codec, entries.first(count)));
        entries = entries.subspan(count);
    }
}

void fold(WriteTransaction& transaction, BlockCodec& codec, const Fold& deed)
{
    for (const FoldPart& part : deed.parts) {
        fold_part(transaction, codec, part);
    }
    if (deed.spent.empty()) {
        return;
    }
    put_archive_mark(transaction, {deed.mark, std::ranges::max(deed.spent)});
    for (const std::uint64_t row : deed.spent) {
        transaction.erase(Table::archive_journal, Key{row});
    }
    forget_voids(transaction);
}

} // namespace sarang::lmdb
