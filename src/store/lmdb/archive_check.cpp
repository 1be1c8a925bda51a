// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_check.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_look.h"
#include "store/lmdb/archive_postings.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr std::size_t blocks_at_once = 64;

class Check {
public:
    Check(ReadTransaction& transaction, BlockCodec& codec, std::uint64_t owner)
        : transaction_{transaction}
        , codec_{codec}
        , owner_{owner}
    {}

    ArchiveCheck run(ArchiveId after)
    {
        if (after == ArchiveId::none) {
            check_head();
            check_chunks();
            check_references();
            check_inbox();
        }
        check_blocks(after);
        return std::move(found_);
    }

private:
    template <class... Args>
    void fault(fmt::format_string<Args...> format, Args&&... args)
    {
        found_.faults.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

    void check_head()
    {
        blocks_ = rebuilt_head(transaction_, owner_);
        const auto bytes = transaction_.get(Table::archive_heads, Key{owner_});
        const auto head = bytes ? decode_archive_head(*bytes) : ArchiveHead{};
        if (!head) {
            return fault("its head is damaged");
        }
        if (head->count != blocks_.count) {
            fault("its head has {} entries, its blocks have {}", head->count, blocks_.count);
        }
        if (head->first != blocks_.first || head->last != blocks_.last) {
            fault("its head has other first or last entries than its blocks");
        }
        const bool due =
            head->count == 0 || transaction_.get(Table::archive_expiry, expiry_key(*head, owner_));
        if (!due) {
            fault("it is not where the expiry of its host looks for it");
        }
    }

    // Each entry is looked for in the lists as well; so one that leads to none shows in the sum.
    void check_chunks()
    {
        Cursor cursor{transaction_, Table::archive_with, Key{owner_}};
        std::uint64_t listed = 0;
        while (cursor.next()) {
            BytesReader rest{cursor.key_rest()};
            rest.u64();
            const ArchiveId first{rest.u64()};
            const auto chunk = read_chunk(first, cursor.value());
            const auto is_in = [this](const ChunkEntry& one) { return one.id >= blocks_.first; };
            listed += chunk ? static_cast<std::uint64_t>(std::ranges::count_if(*chunk, is_in)) : 0;
            if (!chunk) {
                fault(
                    "entry {}: which entries are with one party is damaged from here on",
                    number(first));
            }
        }
        if (listed > blocks_.count) {
            fault("its lists by party have {} entries, its blocks have {}", listed, blocks_.count);
        }
    }

    void check_references()
    {
        struct Reference {
            ArchiveId id = ArchiveId::none;
            std::uint64_t hash = 0;
        };

        std::vector<Reference> all;
        Cursor cursor{transaction_, Table::archive_refs, Key{owner_}};
        while (cursor.next()) {
            BytesReader rest{cursor.key_rest()};
            const std::uint64_t hash = rest.u64();
            all.push_back({ArchiveId{rest.u64()}, hash});
        }
        std::ranges::sort(all, {}, &Reference::id); // so that each block is read once
        BlockLook look{transaction_, codec_, owner_};
        for (const Reference& one : all) {
            const BlockEntry* const entry = look.entry(one.id);
            const bool leads = entry != nullptr && frozen_hash(entry->refers_to) == one.hash;
            if (!leads && one.id >= blocks_.first) {
                fault("entry {}: a place leads to it that it has not", number(one.id));
            }
        }
    }

    void check_inbox()
    {
        if (!inbox_fits(transaction_, owner_)) {
            fault("its inbox is damaged, or its lists and counts do not fit");
        }
    }

    void check_blocks(ArchiveId after)
    {
        Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
        const Key from = Key{owner_}.u64(number(after) + 1);
        ArchiveId last = after;
        std::size_t count = 0;
        for (bool more = cursor.seek(from); more; more = cursor.next()) {
            if (count++ == blocks_at_once) {
                found_.complete = false;
                found_.through = last;
                return;
            }
            const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
            last = check_block(first, cursor.value(), last);
        }
    }

    // The last entry of it.
    ArchiveId check_block(ArchiveId first, std::string_view row, ArchiveId before)
    {
        const auto block = Block::read(codec_, first, row);
        if (!block) {
            fault("entry {}: the block of entries that begins here is damaged", number(first));
            return first;
        }
        if (first <= before) {
            fault("entry {}: the block that begins here overlaps the one before", number(first));
        }
        for (const BlockEntry& entry : block->entries()) {
            check_entry(entry);
        }
        return block->entries().back().id;
    }

    void check_entry(const BlockEntry& entry)
    {
        if (!has_posting(entry)) {
            fault("entry {}: it is not among those with its other party", number(entry.id));
        }
        const Key reference = Key{owner_}.u64(frozen_hash(entry.refers_to)).u64(number(entry.id));
        if (!entry.refers_to.empty() && !transaction_.get(Table::archive_refs, reference)) {
            fault("entry {}: it is not among those that refer to another", number(entry.id));
        }
    }

    bool has_posting(const BlockEntry& entry)
    {
        const std::uint64_t party = frozen_hash(entry.with);
        std::vector<ChunkEntry>& chunk = chunks_[party];
        if (chunk.empty() || chunk.back().id < entry.id || chunk.front().id > entry.id) {
            chunk = chunk_of(party, entry.id);
        }
        const auto found = std::ranges::lower_bound(chunk, entry.id, {}, &ChunkEntry::id);
        return found != chunk.end() && *found == ChunkEntry{entry.id, chunk_mark(entry.message_id)};
    }

    std::vector<ChunkEntry> chunk_of(std::uint64_t party, ArchiveId id)
    {
        const Key prefix = Key{owner_}.u64(party);
        Cursor cursor{transaction_, Table::archive_with, prefix};
        if (!cursor.seek_back(Key{prefix}.u64(number(id)))) {
            return {};
        }
        const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
        return read_chunk(first, cursor.value()).value_or(std::vector<ChunkEntry>{});
    }

    ReadTransaction& transaction_;
    BlockCodec& codec_;
    const std::uint64_t owner_;
    ArchiveCheck found_;
    std::map<std::uint64_t, std::vector<ChunkEntry>> chunks_; ///< of each party, the last one read
    ArchiveHead blocks_;                                      ///< the head as they have it
};

// What concerns all archives, since it cannot be told whose it is.
void check_journal(ReadTransaction& transaction, ArchiveCheck& found)
{
    Cursor journal{transaction, Table::archive_journal, Key{}};
    while (journal.next()) {
        JournalReader reader{journal.value()};
        while (reader.next()) {
        }
        if (reader.damaged()) {
            const std::uint64_t row = BytesReader{journal.key()}.u64();
            found.faults.push_back(
                fmt::format("row {} of the journal of all archives is damaged", row));
        }
    }
    Cursor aside{transaction, Table::archive_aside, Key{}};
    while (aside.next()) {
        BytesReader key{aside.key()};
        const std::uint8_t table = key.u8();
        const char* const name = table < table_count ? table_names[table] : "a table";
        found.faults.push_back(fmt::format("a damaged row of {} was set aside", name));
    }
}

} // namespace

ArchiveCheck check_archive(
    ReadTransaction& transaction, BlockCodec& codec, std::string_view owner, ArchiveId after)
{
    ArchiveCheck found;
    if (const auto id = find_owner(transaction, owner)) {
        found = Check{transaction, codec, *id}.run(after);
    }
    if (after == ArchiveId::none) {
        check_journal(transaction, found);
    }
    return found;
}

} // namespace sarang::lmdb
