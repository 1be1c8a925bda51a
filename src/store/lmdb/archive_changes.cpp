// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_changes.h"

#include "base/bytes.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_postings.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <optional>
#include <string>

namespace sarang::lmdb {
namespace {

// What one transaction removes at most, about, so that those that wait for the writer do not long.
constexpr std::uint64_t removed_at_once = 4096;
// Of blocks that cannot be read, which are only guessed to hold something, and for which all that
// their owner has is gone through.
constexpr unsigned damaged_at_once = 16;

struct OwnedRow {
    ArchiveId first = ArchiveId::none;
    std::string bytes;
};

std::optional<OwnedRow> row_at(Cursor& cursor, bool found)
{
    if (!found) {
        return std::nullopt;
    }
    const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
    return OwnedRow{first, std::string{cursor.value()}};
}

std::optional<OwnedRow> block_with(ReadTransaction& transaction, std::uint64_t owner, ArchiveId id)
{
    Cursor cursor{transaction, Table::archive_blocks, Key{owner}};
    return row_at(cursor, cursor.seek_back(Key{owner}.u64(number(id))));
}

std::optional<OwnedRow> first_block(ReadTransaction& transaction, std::uint64_t owner)
{
    Cursor cursor{transaction, Table::archive_blocks, Key{owner}};
    return row_at(cursor, cursor.next());
}

std::optional<Block> decoded(ReadTransaction& transaction, BlockCodec& codec, const OwnedRow& row)
{
    auto block = Block::read(codec, row.first, row.bytes);
    if (!block) {
        transaction.corrupt();
    }
    return block;
}

void put_block(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::uint64_t owner,
    std::span<const BlockEntry> entries)
{
    const Key key = Key{owner}.u64(number(entries.front().id));
    transaction.put(Table::archive_blocks, key, write_block(codec, entries));
}

/// What one step of a removal has done.
struct Step {
    std::uint64_t removed = 0;
    bool guessed = false; ///< it cannot be told how many there were
    /// All below this is gone, and it is not known what it was; none: it is.
    ArchiveId unknown = ArchiveId::none;
};

std::optional<ArchiveId>
block_after(ReadTransaction& transaction, std::uint64_t owner, ArchiveId first)
{
    Cursor cursor{transaction, Table::archive_blocks, Key{owner}};
    const bool found = cursor.seek(Key{owner}.u64(number(first) + 1));
    return found ? std::optional{ArchiveId{BytesReader{cursor.key_rest()}.u64()}} : std::nullopt;
}

// A first block that cannot be read goes as a whole, once all that it can have is to go.
Step remove_damaged(
    WriteTransaction& transaction, std::uint64_t owner, const OwnedRow& row, ArchiveId bound)
{
    const auto next = block_after(transaction, owner, row.first);
    const ArchiveId last = archive_head(transaction, owner).last;
    if (next ? *next > bound : last >= bound) {
        return {};
    }
    transaction.damaged("the first block of an archive, which is removed");
    const auto head = read_block_head(row.first, row.bytes);
    transaction.erase(Table::archive_blocks, Key{owner}.u64(number(row.first)));
    return {head ? head->count : 1, !head, next.value_or(bound)};
}

// Removes what the first block has below an id.
Step remove_from_first(
    WriteTransaction& transaction, BlockCodec& codec, std::uint64_t owner, ArchiveId bound)
{
    const auto row = first_block(transaction, owner);
    if (!row || row->first >= bound) {
        return {};
    }
    const auto block = Block::read(codec, row->first, row->bytes);
    if (!block) {
        return remove_damaged(transaction, owner, *row, bound);
    }
    const std::span<const BlockEntry> entries{block->entries()};
    const std::size_t count = block->lower_bound(bound);
    transaction.erase(Table::archive_blocks, Key{owner}.u64(number(row->first)));
    if (count < entries.size()) {
        put_block(transaction, codec, owner, entries.subspan(count));
    }
    drop_postings(transaction, owner, entries.first(count));
    drop_from_inbox(transaction, owner, entries.first(count));
    return {count, false, ArchiveId::none};
}

// Once for all of the blocks that could not be read: it goes through all that the owner has.
void sweep(WriteTransaction& transaction, std::uint64_t owner, ArchiveId below)
{
    if (below != ArchiveId::none) {
        sweep_postings(transaction, owner, below);
        sweep_inbox(transaction, owner, below);
    }
}

void shorten(WriteTransaction& transaction, std::uint64_t owner, const Step& all)
{
    const ArchiveHead before = sound_head(transaction, owner);
    ArchiveHead head = before;
    if (all.guessed) {
        head.count = rebuilt_head(transaction, owner).count + all.removed;
    }
    const auto first = first_block(transaction, owner);
    head.first = first ? first->first : ArchiveId::none;
    head.last = first ? head.last : ArchiveId::none;
    // What has a block counts for something, or it would never expire.
    head.count = first ? std::max(head.count, all.removed + 1) - all.removed : 0;
    put_archive_head(transaction, owner, before, head);
}

} // namespace

void blank_journal(WriteTransaction& transaction, const JournalPlace& place)
{
    const auto row = transaction.get(Table::archive_journal, Key{place.row});
    if (!row || place.offset > row->size() || place.size > row->size() - place.offset) {
        return;
    }
    std::string blanked{*row};
    blanked.replace(place.offset, place.size, place.size, ' ');
    transaction.put(Table::archive_journal, Key{place.row}, blanked);
}

bool replace_entry(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::uint64_t owner,
    const BlockEntry& replacement)
{
    const auto row = block_with(transaction, owner, replacement.id);
    const auto block = row ? decoded(transaction, codec, *row) : std::nullopt;
    if (!block || block->find(replacement.id) == nullptr) {
        return false;
    }
    std::vector<BlockEntry> entries = block->entries();
    entries[block->lower_bound(replacement.id)].stanza = replacement.stanza;
    put_block(transaction, codec, owner, entries);
    forget_in_inbox(transaction, owner, entries[block->lower_bound(replacement.id)]);
    return true;
}

Removal remove_entries(
    WriteTransaction& transaction, BlockCodec& codec, std::uint64_t owner, ArchiveId bound)
{
    Step all;
    Step step;
    unsigned damaged = 0;
    do {
        step = remove_from_first(transaction, codec, owner, bound);
        all.removed += step.removed;
        all.guessed = all.guessed || step.guessed;
        all.unknown = std::max(all.unknown, step.unknown);
        damaged += step.unknown != ArchiveId::none ? 1 : 0;
    } while (step.removed > 0 && all.removed < removed_at_once && damaged < damaged_at_once);
    sweep(transaction, owner, all.unknown);
    if (all.removed > 0) {
        shorten(transaction, owner, all);
    }
    return {all.removed, step.removed == 0, damaged};
}

namespace {

/// An archive of a host, where it stands in the order in which they expire.
struct Due {
    Key key;
    std::uint64_t owner = 0;
};

// The next one at or behind a place that has something below an id.
std::optional<Due>
next_due(ReadTransaction& transaction, std::uint64_t host, const Key& from, ArchiveId bound)
{
    Cursor cursor{transaction, Table::archive_expiry, Key{host}};
    if (!cursor.seek(from)) {
        return std::nullopt;
    }
    BytesReader rest{cursor.key_rest()};
    if (ArchiveId{rest.u64()} >= bound) {
        return std::nullopt;
    }
    return Due{Key{}.raw(cursor.key()), rest.u64()};
}

// Whose head says otherwise stands where it says.
void put_right(WriteTransaction& transaction, const Due& due)
{
    const ArchiveHead head = sound_head(transaction, due.owner);
    if (head.count > 0 && expiry_key(head, due.owner).bytes() == due.key.bytes()) {
        return;
    }
    transaction.damaged("the order in which archives expire, which is put right");
    transaction.erase(Table::archive_expiry, due.key);
    if (head.count > 0) {
        transaction.put(Table::archive_expiry, expiry_key(head, due.owner), {});
    }
}

} // namespace

std::uint64_t expire_entries(
    WriteTransaction& transaction, BlockCodec& codec, std::string_view host, ArchiveId bound)
{
    const auto record = find_host(transaction, host);
    if (!record) {
        return 0;
    }
    std::uint64_t removed = 0;
    unsigned damaged = 0;
    Key from{record->id};
    while (removed < removed_at_once && damaged < damaged_at_once) {
        const auto due = next_due(transaction, record->id, from, bound);
        if (!due) {
            break;
        }
        const Removal removal = remove_entries(transaction, codec, due->owner, bound);
        removed += removal.removed;
        damaged += removal.damaged;
        if (!removal.complete) {
            break;
        }
        if (removal.removed == 0) { // it must not hold up the others
            put_right(transaction, *due);
            from = Key{due->key}.u8(0);
        }
    }
    return removed;
}

} // namespace sarang::lmdb
