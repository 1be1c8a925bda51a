// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_changes.h"

#include "base/bytes.h"
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

// Removes what the first block has below an id; how many there were.
std::uint64_t remove_from_first(
    WriteTransaction& transaction, BlockCodec& codec, std::uint64_t owner, ArchiveId bound)
{
    const auto row = first_block(transaction, owner);
    const auto block = row ? decoded(transaction, codec, *row) : std::nullopt;
    if (!block || row->first >= bound) {
        return 0;
    }
    const std::span<const BlockEntry> entries{block->entries()};
    const std::size_t count = block->lower_bound(bound);
    transaction.erase(Table::archive_blocks, Key{owner}.u64(number(row->first)));
    if (count < entries.size()) {
        put_block(transaction, codec, owner, entries.subspan(count));
    }
    drop_postings(transaction, owner, entries.first(count));
    drop_from_inbox(transaction, owner, entries.first(count));
    return count;
}

void shorten(WriteTransaction& transaction, std::uint64_t owner, std::uint64_t removed)
{
    const ArchiveHead before = archive_head(transaction, owner);
    ArchiveHead head = before;
    const auto first = first_block(transaction, owner);
    head.first = first ? first->first : ArchiveId::none;
    head.last = first ? head.last : ArchiveId::none;
    head.count = first ? head.count - std::min(head.count, removed) : 0;
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
    Removal removal;
    std::uint64_t step = 0;
    do {
        step = remove_from_first(transaction, codec, owner, bound);
        removal.removed += step;
        removal.complete = step == 0;
    } while (!removal.complete && removal.removed < removed_at_once);
    if (removal.removed > 0) {
        shorten(transaction, owner, removal.removed);
    }
    return removal;
}

std::uint64_t expire_entries(
    WriteTransaction& transaction, BlockCodec& codec, std::string_view host, ArchiveId bound)
{
    const auto record = find_host(transaction, host);
    std::uint64_t removed = 0;
    while (record && removed < removed_at_once) {
        std::uint64_t owner = 0;
        {
            Cursor cursor{transaction, Table::archive_expiry, Key{record->id}};
            if (cursor.next()) {
                BytesReader rest{cursor.key_rest()};
                owner = ArchiveId{rest.u64()} < bound ? rest.u64() : 0;
            }
        }
        const Removal removal =
            owner == 0 ? Removal{} : remove_entries(transaction, codec, owner, bound);
        if (removal.removed == 0) {
            break;
        }
        removed += removal.removed;
    }
    return removed;
}

} // namespace sarang::lmdb
