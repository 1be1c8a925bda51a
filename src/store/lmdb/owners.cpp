// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/owners.h"

#include "base/bytes.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/named.h"

#include <algorithm>
#include <array>
#include <string>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t record_version = 1;

// What one transaction erases at most of what an archive had, so that nobody waits for long.
constexpr std::uint64_t erased_at_once = 1024;

// All tables whose keys begin with an owner's id; those that may be long are erased in steps.
constexpr std::array short_tables{
    Table::accounts,
    Table::rosters,
    Table::roster_items,
    Table::roster_gone,
    Table::offline_heads,
    Table::offline,
    Table::offline_keys,
    Table::offline_order,
    Table::values,
    Table::archive_heads,
};

constexpr std::array long_tables{
    Table::archive_blocks,
    Table::archive_with,
    Table::archive_refs,
    Table::inbox_heads,
    Table::inbox,
    Table::inbox_order,
};

template <class Tables>
bool holds_any(ReadTransaction& transaction, const Tables& tables, std::uint64_t id)
{
    return std::ranges::any_of(
        tables, [&transaction, id](Table table) { return transaction.any(table, Key{id}); });
}

// The numbers that follow version and name in the record of an owner or a host.
std::optional<BytesReader> numbers_of(ReadTransaction& transaction, const NamedRow& row)
{
    if (!row.record) {
        return std::nullopt;
    }
    BytesReader reader{*row.record};
    if (reader.u8() != record_version) {
        transaction.corrupt();
        return std::nullopt;
    }
    reader.string();
    return reader;
}

std::optional<std::uint64_t> id_in(std::string_view record)
{
    BytesReader reader{record};
    const std::uint8_t version = reader.u8();
    reader.string();
    const std::uint64_t id = reader.u64();
    const bool sound = version == record_version && reader.complete() && id != 0;
    return sound ? std::optional{id} : std::nullopt;
}

struct AccountKey {
    std::uint64_t host = 0;
    std::uint64_t owner = 0;
};

// All of them are looked through: damage is rare.
std::optional<AccountKey> key_of_account(ReadTransaction& transaction, std::string_view owner)
{
    Cursor cursor{transaction, Table::host_accounts, Key{}};
    while (cursor.next()) {
        if (cursor.value() == owner) {
            BytesReader key{cursor.key()};
            const std::uint64_t host = key.u64();
            return AccountKey{host, key.u64()};
        }
    }
    return std::nullopt;
}

struct FoundOwner {
    std::optional<std::uint64_t> id;
    bool damaged = false; ///< his row does not tell it
};

FoundOwner look_for_owner(ReadTransaction& transaction, std::string_view owner)
{
    const NamedRow row = find_named(transaction, Table::owners, Key{}, owner);
    if (const auto id = row.record ? id_in(*row.record) : std::nullopt) {
        return {id, false};
    }
    // Two names do not have one hash: a row of another name that is under it was his.
    if (!row.record && !transaction.any(Table::owners, Key{}.hash(hash128(owner)))) {
        return {};
    }
    FoundOwner found{std::nullopt, true};
    if (const auto account = key_of_account(transaction, owner)) {
        found.id = account->owner;
        transaction.damaged("the row of an owner, whose id his account tells");
    } else if (row.record) {
        transaction.corrupt();
    }
    return found;
}

void write_owner(
    WriteTransaction& transaction, const Key& key, std::string_view owner, std::uint64_t id)
{
    BytesWriter record;
    record.u8(record_version).string(owner).u64(id);
    transaction.put(Table::owners, key, record.bytes());
}

std::optional<HostRecord> host_in(ReadTransaction& transaction, const NamedRow& row)
{
    auto numbers = numbers_of(transaction, row);
    if (!numbers) {
        return std::nullopt;
    }
    const std::uint64_t id = numbers->u64();
    const std::uint64_t accounts = numbers->u64();
    if (!numbers->complete() || id == 0) {
        transaction.corrupt();
        return std::nullopt;
    }
    return HostRecord{id, accounts};
}

void write_host(
    WriteTransaction& transaction, const Key& key, std::string_view name, const HostRecord& host)
{
    BytesWriter record;
    record.u8(record_version).string(name).u64(host.id).u64(host.accounts);
    transaction.put(Table::hosts, key, record.bytes());
}

} // namespace

std::optional<std::uint64_t> find_owner(ReadTransaction& transaction, std::string_view owner)
{
    return look_for_owner(transaction, owner).id;
}

std::optional<std::uint64_t> find_owner(WriteTransaction& transaction, std::string_view owner)
{
    const FoundOwner found = look_for_owner(transaction, owner);
    if (found.id && found.damaged) {
        write_owner(transaction, Key{}.hash(hash128(owner)).u8(0), owner, *found.id);
    }
    return found.id;
}

std::uint64_t need_owner(WriteTransaction& transaction, std::string_view owner)
{
    if (const auto id = find_owner(transaction, owner)) {
        return *id;
    }
    const NamedRow row = find_named(transaction, Table::owners, Key{}, owner);
    const std::uint64_t id = transaction.next_number("owners");
    write_owner(transaction, row.key, owner, id);
    return id;
}

void erase_owned(WriteTransaction& transaction, std::uint64_t id)
{
    if (const ArchiveHead head = sound_head(transaction, id); head.count > 0) {
        transaction.erase(Table::archive_expiry, expiry_key(head, id));
    }
    for (const Table table : short_tables) {
        transaction.erase_all(table, Key{id});
    }
    if (holds_any(transaction, long_tables, id)) {
        transaction.put(Table::archive_gone, Key{id}, {});
    }
}

bool erase_some(WriteTransaction& transaction)
{
    std::uint64_t id = 0;
    {
        Cursor cursor{transaction, Table::archive_gone, Key{}};
        if (!cursor.next()) {
            return false;
        }
        id = BytesReader{cursor.key()}.u64();
    }
    std::uint64_t left = erased_at_once;
    for (const Table table : long_tables) {
        left -= transaction.erase_first(table, Key{id}, left);
    }
    if (left > 0) {
        transaction.erase(Table::archive_gone, Key{id});
    }
    return transaction.any(Table::archive_gone, Key{});
}

void erase_owner(WriteTransaction& transaction, std::string_view owner)
{
    const NamedRow row = find_named(transaction, Table::owners, Key{}, owner);
    if (row.record) {
        transaction.erase(Table::owners, row.key);
    }
}

void erase_idle_owner(WriteTransaction& transaction, std::string_view owner, std::uint64_t id)
{
    if (!holds_any(transaction, short_tables, id) && !holds_any(transaction, long_tables, id)) {
        erase_owner(transaction, owner);
    }
}

std::vector<OwnerRow>
some_owners(ReadTransaction& transaction, std::string& from, std::size_t limit)
{
    std::vector<OwnerRow> owners;
    Cursor cursor{transaction, Table::owners, Key{}};
    bool more = from.empty() ? cursor.next() : cursor.seek(Key{}.raw(from));
    for (from.clear(); more; more = cursor.next()) {
        if (owners.size() >= limit) {
            from = cursor.key();
            break;
        }
        BytesReader record{cursor.value()};
        record.u8();
        const std::string_view name = record.string();
        const std::uint64_t id = record.u64();
        if (record.complete()) {
            owners.push_back({std::string{name}, id});
        }
    }
    return owners;
}

std::optional<std::string> host_of_account(ReadTransaction& transaction, std::string_view owner)
{
    const auto account = key_of_account(transaction, owner);
    Cursor hosts{transaction, Table::hosts, Key{}};
    while (account && hosts.next()) {
        BytesReader record{hosts.value()};
        record.u8();
        const std::string_view name = record.string();
        if (record.u64() == account->host && record.ok()) {
            return std::string{name};
        }
    }
    return std::nullopt;
}

std::optional<HostRecord> find_host(ReadTransaction& transaction, std::string_view host)
{
    return host_in(transaction, find_named(transaction, Table::hosts, Key{}, host));
}

std::uint64_t need_host(WriteTransaction& transaction, std::string_view host)
{
    const NamedRow row = find_named(transaction, Table::hosts, Key{}, host);
    if (const auto record = host_in(transaction, row)) {
        return record->id;
    }
    const HostRecord record{transaction.next_number("hosts"), 0};
    write_host(transaction, row.key, host, record);
    return record.id;
}

HostRecord add_account(WriteTransaction& transaction, std::string_view host)
{
    const NamedRow row = find_named(transaction, Table::hosts, Key{}, host);
    auto record = host_in(transaction, row);
    if (!record) {
        record = HostRecord{transaction.next_number("hosts"), 0};
    }
    ++record->accounts;
    write_host(transaction, row.key, host, *record);
    return *record;
}

void subtract_account(WriteTransaction& transaction, std::string_view host)
{
    const NamedRow row = find_named(transaction, Table::hosts, Key{}, host);
    if (auto record = host_in(transaction, row); record && record->accounts > 0) {
        --record->accounts;
        write_host(transaction, row.key, host, *record);
    }
}

} // namespace sarang::lmdb
