// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_damage.h"

#include "base/bytes.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/archive_ids.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

struct Due {
    Key key;
    std::uint64_t host = 0;
};

// Where an owner stands in the order of expiry. All of it is looked through: damage is rare.
std::vector<Due> due_rows(ReadTransaction& transaction, std::uint64_t owner)
{
    std::vector<Due> rows;
    Cursor cursor{transaction, Table::archive_expiry, Key{}};
    while (cursor.next()) {
        BytesReader key{cursor.key()};
        const std::uint64_t host = key.u64();
        key.u64();
        if (key.u64() == owner) {
            rows.push_back({Key{}.raw(cursor.key()), host});
        }
    }
    return rows;
}

} // namespace

ArchiveHead rebuilt_head(ReadTransaction& transaction, std::uint64_t owner)
{
    ArchiveHead head;
    Cursor blocks{transaction, Table::archive_blocks, Key{owner}};
    while (blocks.next()) {
        const ArchiveId first{BytesReader{blocks.key_rest()}.u64()};
        const auto block = read_block_head(first, blocks.value());
        head.first = head.first == ArchiveId::none ? first : head.first;
        head.last = block ? block->last : first;
        head.count += block ? block->count : 0;
    }
    head.folded = head.last;
    const auto due = due_rows(transaction, owner);
    head.host = due.empty() ? 0 : due.front().host;
    return head;
}

ArchiveHead sound_head(WriteTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::archive_heads, Key{owner});
    const auto known = bytes ? decode_archive_head(*bytes) : ArchiveHead{};
    if (known) {
        return *known;
    }
    transaction.damaged("the head of an archive, which is made anew");
    const ArchiveHead head = rebuilt_head(transaction, owner);
    set_aside(transaction, Table::archive_heads, Key{owner});
    for (const Due& row : due_rows(transaction, owner)) {
        transaction.erase(Table::archive_expiry, row.key);
    }
    put_archive_head(transaction, owner, ArchiveHead{}, head);
    return head;
}

ArchiveMark rebuilt_mark(ReadTransaction& transaction)
{
    ArchiveMark mark;
    Cursor heads{transaction, Table::archive_heads, Key{}};
    while (heads.next()) {
        if (const auto head = decode_archive_head(heads.value())) {
            mark.id = std::max({mark.id, head->folded, head->last});
        }
    }
    Cursor voids{transaction, Table::archive_voids, Key{}};
    while (voids.next()) {
        BytesReader record{voids.value()};
        record.u8();
        record.string();
        mark.row = std::max(mark.row, record.u64());
    }
    return mark;
}

void set_aside(WriteTransaction& transaction, Table table, const Key& key)
{
    const auto row = transaction.get(table, key);
    if (row) {
        const std::string bytes{*row};
        const Key place = Key{}.u8(static_cast<std::uint8_t>(table)).raw(key.bytes());
        transaction.put(Table::archive_aside, place, bytes);
    }
}

} // namespace sarang::lmdb
