// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_sources.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"

#include <chrono>
#include <map>

namespace sarang::lmdb {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t record_version = 1;
constexpr auto sweep_interval = 24h;
constexpr auto silence = 24h * 7;

std::optional<LastOfSource> decode_last(std::string_view row)
{
    BytesReader reader{row};
    const std::uint8_t version = reader.u8();
    reader.string();
    LastOfSource last;
    last.number = reader.u64();
    last.id = ArchiveId{reader.u64()};
    return reader.complete() && version == record_version ? std::optional{last} : std::nullopt;
}

std::optional<LastOfSource> read_last(ReadTransaction& transaction, std::string_view row)
{
    const auto last = decode_last(row);
    if (!last) {
        transaction.damaged("what came last of a session");
    }
    return last;
}

void put_last(
    WriteTransaction& transaction,
    std::uint64_t owner,
    std::string_view source,
    const LastOfSource& last)
{
    const NamedRow row = find_named(transaction, Table::archive_sources, Key{owner}, source);
    BytesWriter record;
    record.u8(record_version).string(source).u64(last.number).u64(number(last.id));
    transaction.put(Table::archive_sources, row.key, record.bytes());
}

} // namespace

std::optional<LastOfSource>
last_of_source(ReadTransaction& transaction, std::string_view owner, std::string_view source)
{
    const auto id = find_owner(transaction, owner);
    const NamedRow row =
        id ? find_named(transaction, Table::archive_sources, Key{*id}, source) : NamedRow{};
    return row.record ? read_last(transaction, *row.record) : std::nullopt;
}

bool is_sound_source(std::string_view row)
{
    return decode_last(row).has_value();
}

void remember_sources(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const JournalRecord> records)
{
    std::map<std::string_view, LastOfSource> sources;
    for (const JournalRecord& record : records) {
        if (!record.source.empty()) {
            sources[record.source] = {record.source_number, record.entry.id};
        }
    }
    for (const auto& [source, last] : sources) {
        put_last(transaction, owner, source, last);
    }
}

void sweep_sources(WriteTransaction& transaction, std::uint64_t owner, ArchiveHead& head)
{
    const Clock::Wall now = time_of(head.last);
    if (now < time_of(ArchiveId{head.swept}) + sweep_interval) {
        return;
    }
    head.swept = number(head.last);
    Cursor cursor{transaction, Table::archive_sources, Key{owner}};
    while (cursor.next()) {
        const auto last = read_last(transaction, cursor.value());
        if (!last || time_of(last->id) + silence < now) {
            cursor.erase();
        }
    }
}

} // namespace sarang::lmdb
