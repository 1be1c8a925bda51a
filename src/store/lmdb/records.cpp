// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/records.h"

#include "base/bytes.h"

#include <chrono>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t record_version = 1;

BytesWriter record()
{
    BytesWriter writer;
    writer.u8(record_version);
    return writer;
}

// What a reader holds when all of it was read and was right.
template <class T>
std::optional<T> whole(const BytesReader& reader, T value)
{
    return reader.complete() ? std::optional<T>{std::move(value)} : std::nullopt;
}

void write_time(BytesWriter& writer, Clock::Wall time)
{
    writer.u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Clock::Wall read_time(BytesReader& reader)
{
    return Clock::Wall{std::chrono::milliseconds{static_cast<std::int64_t>(reader.u64())}};
}

constexpr std::uint8_t number_of(Hash hash)
{
    return hash == Hash::sha1 ? 1 : 2;
}

std::optional<Hash> hash_numbered(std::uint8_t number)
{
    switch (number) {
    case 1:
        return Hash::sha1;
    case 2:
        return Hash::sha256;
    default:
        return std::nullopt;
    }
}

void write_keys(BytesWriter& writer, const ScramKeys& keys)
{
    writer.u8(number_of(keys.hash)).u32(keys.iterations).string(keys.salt);
    writer.string(keys.keys.stored_key.view()).string(keys.keys.server_key.view());
}

std::optional<ScramKeys> read_keys(BytesReader& reader)
{
    const auto hash = hash_numbered(reader.u8());
    const std::uint32_t iterations = reader.u32();
    const std::string_view salt = reader.string();
    const std::string_view stored = reader.string();
    const std::string_view server = reader.string();
    if (!reader.ok() || !hash || stored.size() != size(*hash) || server.size() != size(*hash)) {
        return std::nullopt;
    }
    return ScramKeys{
        *hash, iterations, std::string{salt}, scram::Keys{Digest{stored}, Digest{server}}};
}

enum Flag : std::uint8_t { ask = 1, approved = 2, pending_in = 4, unlisted = 8, all_flags = 15 };

std::uint8_t flags_of(const RosterItem& item)
{
    return static_cast<std::uint8_t>(
        (item.ask ? ask : 0) | (item.approved ? approved : 0) | (item.pending_in ? pending_in : 0) |
        (item.listed ? 0 : unlisted));
}

} // namespace

std::string encode(const Account& account)
{
    BytesWriter writer = record();
    writer.string(account.host);
    write_time(writer, account.created);
    writer.varint(account.credentials.size());
    for (const ScramKeys& keys : account.credentials) {
        write_keys(writer, keys);
    }
    return writer.take();
}

std::optional<Account> decode_account(std::string_view bytes)
{
    constexpr std::size_t smallest_keys = 8;
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    Account account;
    account.host = reader.string();
    account.created = read_time(reader);
    const std::size_t count = reader.count(smallest_keys);
    account.credentials.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto keys = read_keys(reader);
        if (!keys) {
            return std::nullopt;
        }
        account.credentials.push_back(std::move(*keys));
    }
    return whole(reader, std::move(account));
}

std::string encode(const RosterHead& head)
{
    return record().u64(head.version).u64(head.removals).u64(head.oldest).take();
}

std::optional<RosterHead> decode_roster_head(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    RosterHead head;
    head.version = reader.u64();
    head.removals = reader.u64();
    head.oldest = reader.u64();
    return whole(reader, head);
}

std::string encode(const RosterRow& row)
{
    const RosterItem& item = row.item;
    BytesWriter writer = record();
    writer.string(item.contact).u64(row.version);
    writer.u8(static_cast<std::uint8_t>(item.subscription)).u8(flags_of(item));
    writer.string(item.name).string(item.request);
    writer.varint(item.groups.size());
    for (const std::string& group : item.groups) {
        writer.string(group);
    }
    return writer.take();
}

std::optional<RosterRow> decode_roster_row(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    RosterRow row;
    row.item.contact = reader.string();
    row.version = reader.u64();
    const std::uint8_t subscription = reader.u8();
    const std::uint8_t flags = reader.u8();
    if (subscription > static_cast<std::uint8_t>(Subscription::both) || flags > all_flags) {
        return std::nullopt;
    }
    row.item.subscription = static_cast<Subscription>(subscription);
    row.item.ask = (flags & ask) != 0;
    row.item.approved = (flags & approved) != 0;
    row.item.pending_in = (flags & pending_in) != 0;
    row.item.listed = (flags & unlisted) == 0;
    row.item.name = reader.string();
    row.item.request = reader.string();
    const std::size_t count = reader.count();
    row.item.groups.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        row.item.groups.emplace_back(reader.string());
    }
    return whole(reader, std::move(row));
}

std::string encode(const OfflineHead& head)
{
    return record().u64(head.last).u64(head.count).take();
}

std::optional<OfflineHead> decode_offline_head(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    OfflineHead head;
    head.last = reader.u64();
    head.count = reader.u64();
    return whole(reader, head);
}

std::string encode(const OfflineRow& row)
{
    BytesWriter writer = record();
    write_time(writer, row.time);
    return writer.raw(row.stanza).take();
}

std::optional<OfflineRow> decode_offline_row(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    const Clock::Wall time = read_time(reader);
    const std::string_view stanza = reader.rest();
    return reader.ok() ? std::optional{OfflineRow{time, stanza}} : std::nullopt;
}

std::string encode(const NamedValue& value)
{
    return record().string(value.name).raw(value.value).take();
}

std::optional<NamedValue> decode_named_value(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    const std::string_view name = reader.string();
    const std::string_view value = reader.rest();
    return reader.ok() ? std::optional{NamedValue{name, value}} : std::nullopt;
}

} // namespace sarang::lmdb
