// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_index.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/owners.h"

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t record_version = 2;
constexpr std::uint64_t worth_pruning = 8; // what is gone, times this, is more than all

Key format_row()
{
    return Key{}.raw("search_format");
}

} // namespace

std::optional<SearchHead> search_head(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::search_heads, Key{owner});
    BytesReader reader{bytes.value_or(std::string_view{})};
    if (!bytes) {
        return std::nullopt;
    }
    const std::uint8_t version = reader.u8();
    SearchHead head;
    head.indexed = ArchiveId{reader.u64()};
    head.pruned = ArchiveId{reader.u64()};
    if (version != record_version || !reader.complete()) {
        return std::nullopt;
    }
    return head;
}

void put_search_head(WriteTransaction& transaction, std::uint64_t owner, const SearchHead& head)
{
    BytesWriter record;
    record.u8(record_version).u64(number(head.indexed)).u64(number(head.pruned));
    transaction.put(Table::search_heads, Key{owner}, record.bytes());
}

bool void_index(WriteTransaction& transaction, std::string_view owner)
{
    const auto id = find_owner(transaction, owner);
    if (id) {
        transaction.put(Table::search_gone, Key{*id}, {});
        transaction.erase(Table::search_heads, Key{*id});
        erase_owner(transaction, owner);
    }
    return id.has_value();
}

bool erase_void(WriteTransaction& transaction, std::size_t rows)
{
    std::optional<Key> owner;
    {
        Cursor gone{transaction, Table::search_gone, Key{}};
        if (gone.next()) {
            owner = Key{}.raw(gone.key());
        }
    }
    if (!owner) {
        return false;
    }
    bool all = true;
    {
        Cursor cursor{transaction, Table::search_terms, *owner};
        while (cursor.next()) {
            if (rows-- == 0) {
                all = false;
                break;
            }
            cursor.erase();
        }
    }
    if (all) {
        transaction.erase(Table::search_gone, *owner);
    }
    return true;
}

bool prune_is_due(const SearchHead& head, ArchiveId first)
{
    if (first <= head.pruned) {
        return false;
    }
    const std::uint64_t gone = number(first) - number(head.pruned);
    const std::uint64_t kept = head.indexed > first ? number(head.indexed) - number(first) : 0;
    return gone >= (kept + gone) / worth_pruning;
}

std::uint64_t stored_search_format(ReadTransaction& transaction)
{
    return BytesReader{transaction.get(Table::meta, format_row()).value_or("")}.u64();
}

void put_search_format(WriteTransaction& transaction)
{
    BytesWriter value;
    transaction.put(Table::meta, format_row(), value.u64(search_format).bytes());
}

} // namespace sarang::lmdb
