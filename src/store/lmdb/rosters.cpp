// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/rosters.h"

#include "base/bytes.h"
#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"
#include "store/lmdb/restored.h"

#include <algorithm>
#include <unordered_set>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t removals_remembered = 128;

RosterHead head_of(ReadTransaction& transaction, std::uint64_t id)
{
    const auto bytes = transaction.get(Table::rosters, Key{id});
    if (!bytes) {
        return {};
    }
    const auto head = decode_roster_head(*bytes);
    if (!head) {
        transaction.corrupt();
    }
    return head.value_or(RosterHead{});
}

// Calls `take` with each row of a roster.
template <class Take>
void each_row(ReadTransaction& transaction, std::uint64_t id, Take take)
{
    Cursor cursor{transaction, Table::roster_items, Key{id}};
    while (cursor.next()) {
        auto row = decode_roster_row(cursor.value());
        if (!row) {
            transaction.corrupt();
            return;
        }
        take(std::move(*row));
    }
}

Roster load_roster(ReadTransaction& transaction, std::uint64_t id)
{
    Roster roster{head_of(transaction, id).version, {}};
    each_row(
        transaction, id, [&roster](RosterRow row) { roster.items.push_back(std::move(row.item)); });
    return roster;
}

void advance(RosterHead& head, std::uint64_t now)
{
    head.version = std::max(head.version + 1, now);
    if (head.oldest == 0) {
        head.oldest = head.version;
    }
}

std::uint64_t
put_item(WriteTransaction& transaction, std::string_view owner, RosterRow row, std::uint64_t now)
{
    const std::uint64_t id = need_owner(transaction, owner);
    RosterHead head = head_of(transaction, id);
    advance(head, now);
    row.version = head.version;
    const NamedRow place = find_named(transaction, Table::roster_items, Key{id}, row.item.contact);
    transaction.put(Table::roster_items, place.key, encode(row));
    transaction.put(Table::rosters, Key{id}, encode(head));
    return head.version;
}

// Drops the oldest removal that is remembered.
void forget_removal(WriteTransaction& transaction, std::uint64_t id, RosterHead& head)
{
    Cursor cursor{transaction, Table::roster_gone, Key{id}};
    if (cursor.next()) {
        head.oldest = BytesReader{cursor.key_rest()}.u64();
        --head.removals;
        cursor.erase();
    }
}

Result<std::uint64_t> remove_item(
    WriteTransaction& transaction,
    std::string_view owner,
    std::string_view contact,
    std::uint64_t now)
{
    const auto id = find_owner(transaction, owner);
    const NamedRow row =
        id ? find_named(transaction, Table::roster_items, Key{*id}, contact) : NamedRow{};
    if (!row.record) {
        return fail(Condition::item_not_found, "There is no such contact");
    }
    RosterHead head = head_of(transaction, *id);
    advance(head, now);
    ++head.removals;
    transaction.erase(Table::roster_items, row.key);
    transaction.put(Table::roster_gone, Key{*id}.u64(head.version), contact);
    if (head.removals > removals_remembered) {
        forget_removal(transaction, *id, head);
    }
    transaction.put(Table::rosters, Key{*id}, encode(head));
    return head.version;
}

// Whether all that followed a version is known: not if it was forgotten, and not if the version
// may be one that was given out after the backup that this database came from.
bool known(ReadTransaction& transaction, const RosterHead& head, std::uint64_t version)
{
    if (version == head.version || version == 0) {
        return true;
    }
    return version >= head.oldest && version < head.version && version >= restored_at(transaction);
}

void add_removals(
    ReadTransaction& transaction, std::uint64_t id, std::uint64_t version, RosterChanges& changes)
{
    // One who was removed may have come back: then he is among the changed.
    std::unordered_set<std::string_view> told;
    for (const RosterItem& item : changes.changed) {
        told.insert(item.contact);
    }
    Cursor cursor{transaction, Table::roster_gone, Key{id}};
    for (bool more = cursor.seek(Key{id}.u64(version + 1)); more; more = cursor.next()) {
        if (told.insert(cursor.value()).second) {
            changes.removed.emplace_back(cursor.value());
        }
    }
}

std::optional<RosterChanges>
changes_of(ReadTransaction& transaction, std::uint64_t id, std::uint64_t version)
{
    const RosterHead head = head_of(transaction, id);
    if (!known(transaction, head, version)) {
        return std::nullopt;
    }
    RosterChanges changes{head.version, {}, {}};
    if (version == head.version) {
        return changes;
    }
    each_row(transaction, id, [&changes, version](RosterRow row) {
        if (row.version > version) {
            changes.changed.push_back(std::move(row.item));
        }
    });
    if (version != 0) {
        add_removals(transaction, id, version, changes);
    }
    return changes;
}

} // namespace

Task<Result<Roster>> Rosters::load(std::string_view owner)
{
    auto work = [owner](ReadTransaction& transaction) -> Result<Roster> {
        const auto id = find_owner(transaction, owner);
        return id ? load_roster(transaction, *id) : Roster{};
    };
    return engine_.read(work);
}

Task<Result<std::uint64_t>> Rosters::put(std::string_view owner, RosterItem item)
{
    const std::size_t size = item.contact.size() + item.name.size() + item.request.size();
    auto work = [owner = std::string{owner}, row = RosterRow{std::move(item), 0}, now = now()](
                    WriteTransaction& transaction) -> Result<std::uint64_t> {
        return put_item(transaction, owner, row, now);
    };
    return engine_.write(size, std::move(work));
}

Task<Result<std::uint64_t>> Rosters::remove(std::string_view owner, std::string_view contact)
{
    auto work = [owner = std::string{owner}, contact = std::string{contact}, now = now()](
                    WriteTransaction& transaction) {
        return remove_item(transaction, owner, contact, now);
    };
    return engine_.write(owner.size() + contact.size(), std::move(work));
}

Task<Result<std::optional<RosterChanges>>>
Rosters::changes_since(std::string_view owner, std::uint64_t version)
{
    auto work = [owner,
                 version](ReadTransaction& transaction) -> Result<std::optional<RosterChanges>> {
        const auto id = find_owner(transaction, owner);
        if (id) {
            return changes_of(transaction, *id, version);
        }
        return version == 0 ? std::optional{RosterChanges{}} : std::nullopt;
    };
    return engine_.read(work);
}

std::uint64_t Rosters::now() const
{
    return static_cast<std::uint64_t>(clock_.wall().time_since_epoch().count());
}

} // namespace sarang::lmdb
