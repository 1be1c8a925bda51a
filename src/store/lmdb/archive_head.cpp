// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_head.h"

#include "base/bytes.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/named.h"

#include <algorithm>
#include <limits>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t record_version = 1;
constexpr std::uint8_t head_version = 2;
constexpr std::uint8_t longer_head_version = 1; ///< had one number more, which says nothing now

Key mark_key()
{
    return Key{}.raw("archive_mark");
}

// The number after the version and the name of the owner.
std::optional<std::uint64_t> row_in(std::string_view record)
{
    BytesReader reader{record};
    reader.u8();
    reader.string();
    const std::uint64_t row = reader.u64();
    return reader.complete() ? std::optional{row} : std::nullopt;
}

} // namespace

std::string encode(const ArchiveHead& head)
{
    BytesWriter record;
    record.u8(head_version).u64(number(head.folded)).u64(number(head.first));
    return record.u64(number(head.last)).u64(head.count).u64(head.host).take();
}

std::optional<ArchiveHead> decode_archive_head(std::string_view bytes)
{
    BytesReader reader{bytes};
    const std::uint8_t version = reader.u8();
    if (version != head_version && version != longer_head_version) {
        return std::nullopt;
    }
    ArchiveHead head;
    head.folded = ArchiveId{reader.u64()};
    head.first = ArchiveId{reader.u64()};
    head.last = ArchiveId{reader.u64()};
    head.count = reader.u64();
    head.host = reader.u64();
    if (version == longer_head_version) {
        reader.u64();
    }
    return reader.complete() ? std::optional{head} : std::nullopt;
}

ArchiveHead archive_head(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::archive_heads, Key{owner});
    if (!bytes) {
        return {};
    }
    const auto head = decode_archive_head(*bytes);
    return head ? *head : rebuilt_head(transaction, owner);
}

Key expiry_key(const ArchiveHead& head, std::uint64_t owner)
{
    return Key{head.host}.u64(number(head.first)).u64(owner);
}

void put_archive_head(
    WriteTransaction& transaction,
    std::uint64_t owner,
    const ArchiveHead& before,
    const ArchiveHead& head)
{
    const bool moved = before.first != head.first || before.host != head.host;
    if (moved && before.count > 0) {
        transaction.erase(Table::archive_expiry, expiry_key(before, owner));
    }
    if (moved && head.count > 0) {
        transaction.put(Table::archive_expiry, expiry_key(head, owner), {});
    }
    transaction.put(Table::archive_heads, Key{owner}, encode(head));
}

ArchiveMark archive_mark(ReadTransaction& transaction)
{
    const auto bytes = transaction.get(Table::meta, mark_key());
    if (!bytes) {
        return {};
    }
    BytesReader reader{*bytes};
    ArchiveMark mark;
    mark.id = ArchiveId{reader.u64()};
    mark.row = reader.u64();
    if (!reader.complete()) {
        transaction.damaged("how far the archive's journal was used, which is found out anew");
        return rebuilt_mark(transaction);
    }
    return mark;
}

void put_archive_mark(WriteTransaction& transaction, const ArchiveMark& mark)
{
    const ArchiveMark known = archive_mark(transaction);
    BytesWriter record;
    record.u64(std::max(number(known.id), number(mark.id))).u64(std::max(known.row, mark.row));
    transaction.put(Table::meta, mark_key(), record.bytes());
}

std::uint64_t next_journal_row(ReadTransaction& transaction)
{
    std::uint64_t last = archive_mark(transaction).row;
    Cursor cursor{transaction, Table::archive_journal, Key{}};
    if (cursor.seek_back(Key{std::numeric_limits<std::uint64_t>::max()})) {
        last = std::max(last, BytesReader{cursor.key()}.u64());
    }
    return last + 1;
}

std::uint64_t void_journal(WriteTransaction& transaction, std::string_view owner)
{
    const std::uint64_t row = next_journal_row(transaction);
    if (!transaction.any(Table::archive_journal, Key{})) {
        return row;
    }
    const NamedRow place = find_named(transaction, Table::archive_voids, Key{}, owner);
    BytesWriter record;
    record.u8(record_version).string(owner).u64(row);
    transaction.put(Table::archive_voids, place.key, record.bytes());
    return row;
}

std::uint64_t first_valid_row(ReadTransaction& transaction, std::string_view owner)
{
    if (!transaction.any(Table::archive_voids, Key{})) {
        return 0;
    }
    const NamedRow place = find_named(transaction, Table::archive_voids, Key{}, owner);
    return place.record ? row_in(*place.record).value_or(0) : 0;
}

void forget_voids(WriteTransaction& transaction)
{
    if (!transaction.any(Table::archive_voids, Key{})) {
        return;
    }
    Cursor rows{transaction, Table::archive_journal, Key{}};
    const bool any = rows.next();
    const std::uint64_t oldest =
        any ? BytesReader{rows.key()}.u64() : next_journal_row(transaction);
    Cursor voids{transaction, Table::archive_voids, Key{}};
    while (voids.next()) {
        const auto row = row_in(voids.value());
        if (!row) {
            transaction.damaged("what the archive's journal has of a removed account");
        }
        if (row.value_or(0) <= oldest) {
            voids.erase();
        }
    }
}

} // namespace sarang::lmdb
