// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/room_index.h"

#include "base/bytes.h"
#include "base/log.h"
#include "store/lmdb/code.h"
#include "store/lmdb/group.h"
#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"

#include <algorithm>
#include <string>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

// What one transaction erases at most, so that nobody waits for long.
constexpr std::size_t erased_at_once = 1024;

// How many erased rooms are still known as places in a list.
constexpr std::uint64_t past_remembered = 1024;

/// What the orders have of a room, as a value of its own: rows move when others are written.
struct Place {
    std::uint64_t id = 0;
    std::uint64_t host = 0;
    bool listed = false;
    std::string title;
};

Place place_of(const RoomRow& row)
{
    return {row.id, row.host, row.listed, std::string{row.title}};
}

// A name whose hash is found and whose row cannot be read would look like one that is not there.
bool any_damaged(ReadTransaction& transaction, const Key& hashed)
{
    Cursor cursor{transaction, Table::rooms, hashed};
    while (cursor.next()) {
        if (!decode_room_row(cursor.value())) {
            return true;
        }
    }
    return false;
}

std::uint64_t count_rooms(ReadTransaction& transaction, std::uint64_t host, RoomOrder order)
{
    std::uint64_t count = 0;
    Cursor cursor{transaction, Table::room_order, Key{host}.u8(static_cast<std::uint8_t>(order))};
    while (cursor.next()) {
        ++count;
    }
    return count;
}

// Those that are damaged are counted again.
RoomTotals sound_totals(ReadTransaction& transaction, std::uint64_t host)
{
    if (const auto totals = room_totals(transaction, host)) {
        return *totals;
    }
    transaction.damaged("the number of a host's rooms, which are counted again");
    return {
        count_rooms(transaction, host, RoomOrder::all),
        count_rooms(transaction, host, RoomOrder::listed)};
}

// Requires a difference of one, or none.
void add(std::uint64_t& total, bool before, bool after)
{
    if (after && !before) {
        ++total;
    } else if (before && !after && total > 0) {
        --total;
    }
}

void count_change(WriteTransaction& transaction, const Place* before, const Place* after)
{
    const bool was_listed = before != nullptr && before->listed;
    const bool is_listed = after != nullptr && after->listed;
    if ((before != nullptr) == (after != nullptr) && was_listed == is_listed) {
        return;
    }
    const std::uint64_t host = after != nullptr ? after->host : before->host;
    RoomTotals totals = sound_totals(transaction, host);
    add(totals.rooms, before != nullptr, after != nullptr);
    add(totals.listed, was_listed, is_listed);
    transaction.put(Table::room_totals, Key{host}, encode(totals));
}

// Puts it where lists find it. It has been counted by then: that may read the orders.
void put_orders(
    WriteTransaction& transaction, std::string_view room, const Place* before, const Place& after)
{
    const bool same = before != nullptr && before->title == after.title;
    const std::string listing = encode(NamedValue{room, after.title});
    if (!same) {
        transaction.put(
            Table::room_order, order_key(after.host, RoomOrder::all, after.id), listing);
    }
    const Key listed = order_key(after.host, RoomOrder::listed, after.id);
    if (after.listed && !(same && before->listed)) {
        transaction.put(Table::room_order, listed, listing);
    } else if (!after.listed && before != nullptr && before->listed) {
        transaction.erase(Table::room_order, listed);
    }
}

void forget_oldest_past(WriteTransaction& transaction, std::uint64_t erasure)
{
    const Key oldest{erasure};
    const auto place = transaction.get(Table::room_past_order, oldest);
    if (!place) {
        return;
    }
    const Key key = Key{}.raw(place->substr(0, Key::capacity));
    const auto bytes = transaction.get(Table::room_past, key);
    const auto past = bytes ? decode_past_room(*bytes) : std::nullopt;
    if (bytes && (!past || past->erasure <= erasure)) { // else one of that name was erased since
        transaction.erase(Table::room_past, key);
    }
    transaction.erase(Table::room_past_order, oldest);
}

void remember_place(WriteTransaction& transaction, std::string_view room, std::uint64_t id)
{
    const std::uint64_t erasure = transaction.next_number("erased_rooms");
    const NamedRow row = find_named(transaction, Table::room_past, Key{}, room);
    transaction.put(Table::room_past, row.key, encode(PastRoom{room, id, erasure}));
    transaction.put(Table::room_past_order, Key{erasure}, row.key.bytes());
    if (erasure > past_remembered) {
        forget_oldest_past(transaction, erasure - past_remembered);
    }
}

Key account_key(const Hash128& account, std::uint64_t host, std::uint64_t room)
{
    return Key{}.hash(account).u64(host).u64(room);
}

void put_affiliation(
    WriteTransaction& transaction, const Place& room, const StoredAffiliation& change)
{
    const Hash128 account = hash128(change.account);
    const Key hashed = Key{room.id}.hash(account);
    const NamedRow row = find_hashed(transaction, Table::room_affiliations, hashed, change.account);
    if (!change.value.empty()) {
        const NamedValue value{change.account, change.value};
        transaction.put(Table::room_affiliations, row.key, encode(value));
        if (!row.record) {
            transaction.put(Table::room_accounts, account_key(account, room.host, room.id), {});
        }
    } else if (row.record) {
        transaction.erase(Table::room_affiliations, row.key);
        if (!transaction.any(Table::room_affiliations, hashed)) {
            transaction.erase(Table::room_accounts, account_key(account, room.host, room.id));
        }
    }
}

struct GoneRoom {
    std::uint64_t id = 0;
    std::uint64_t host = 0;
};

std::optional<GoneRoom> first_gone(ReadTransaction& transaction)
{
    Cursor cursor{transaction, Table::room_gone, Key{}};
    if (!cursor.next()) {
        return std::nullopt;
    }
    return GoneRoom{BytesReader{cursor.key()}.u64(), BytesReader{cursor.value()}.u64()};
}

std::vector<Key> some_affiliations(ReadTransaction& transaction, std::uint64_t room)
{
    std::vector<Key> keys;
    Cursor cursor{transaction, Table::room_affiliations, Key{room}};
    while (keys.size() < erased_at_once && cursor.next()) {
        keys.push_back(Key{}.raw(cursor.key()));
    }
    return keys;
}

// By their keys alone, so that damaged ones go as well.
std::size_t erase_some(WriteTransaction& transaction, const GoneRoom& room)
{
    const std::vector<Key> keys = some_affiliations(transaction, room.id);
    for (const Key& key : keys) {
        BytesReader parts{key.bytes()};
        parts.u64();
        const std::string_view account = parts.raw(sizeof(Hash128));
        transaction.erase(Table::room_accounts, Key{}.raw(account).u64(room.host).u64(room.id));
        transaction.erase(Table::room_affiliations, key);
    }
    return keys.size();
}

} // namespace

FoundRoom find_room(ReadTransaction& transaction, std::string_view room)
{
    const Key hashed = Key{}.hash(hash128(room));
    const NamedRow named = find_hashed(transaction, Table::rooms, hashed, room);
    const auto row = named.record ? decode_room_row(*named.record) : std::nullopt;
    if (!row && any_damaged(transaction, hashed)) {
        transaction.damaged("a room, which cannot be used");
        transaction.corrupt();
    }
    return {named.key, row};
}

std::optional<std::uint64_t> room_place(ReadTransaction& transaction, std::string_view room)
{
    if (const FoundRoom found = find_room(transaction, room); found.row) {
        return found.row->id;
    }
    const NamedRow named = find_named(transaction, Table::room_past, Key{}, room);
    const auto past = named.record ? decode_past_room(*named.record) : std::nullopt;
    return past ? std::optional{past->id} : std::nullopt;
}

std::optional<RoomTotals> room_totals(ReadTransaction& transaction, std::uint64_t host)
{
    const auto bytes = transaction.get(Table::room_totals, Key{host});
    return bytes ? decode_room_totals(*bytes) : RoomTotals{};
}

void put_room(WriteTransaction& transaction, std::string_view room, const RoomHead& head)
{
    const FoundRoom found = find_room(transaction, room);
    if (transaction.failed()) {
        return;
    }
    const std::optional<Place> before =
        found.row ? std::optional{place_of(*found.row)} : std::nullopt;
    Place after{0, 0, head.listed, head.title};
    after.id = before ? before->id : transaction.next_number("rooms");
    after.host = before ? before->host : need_host(transaction, head.host);
    count_change(transaction, before ? &*before : nullptr, &after);
    put_orders(transaction, room, before ? &*before : nullptr, after);
    const RoomRow row{
        room, after.id, after.host, after.listed, after.title, head.config, head.state};
    transaction.put(Table::rooms, found.key, encode(row));
}

bool put_affiliations(
    WriteTransaction& transaction,
    std::string_view room,
    const std::vector<StoredAffiliation>& changes)
{
    const FoundRoom found = find_room(transaction, room);
    if (!found.row) {
        return false;
    }
    const Place place = place_of(*found.row);
    for (const StoredAffiliation& change : changes) {
        put_affiliation(transaction, place, change);
    }
    return true;
}

bool remove_room(WriteTransaction& transaction, std::string_view room)
{
    const FoundRoom found = find_room(transaction, room);
    if (!found.row) {
        return false;
    }
    const Place place = place_of(*found.row);
    count_change(transaction, &place, nullptr);
    transaction.erase(Table::rooms, found.key);
    for (const RoomOrder order : {RoomOrder::all, RoomOrder::listed}) {
        transaction.erase(Table::room_order, order_key(place.host, order, place.id));
    }
    remember_place(transaction, room, place.id);
    BytesWriter host;
    transaction.put(Table::room_gone, Key{place.id}, host.u64(place.host).bytes());
    return true;
}

bool erase_affiliations(WriteTransaction& transaction)
{
    const auto room = first_gone(transaction);
    if (!room) {
        return false;
    }
    const bool done = erase_some(transaction, *room) < erased_at_once;
    if (done && !transaction.erase(Table::room_gone, Key{room->id})) {
        return false; // no key of ours: it would be found for ever
    }
    return transaction.any(Table::room_gone, Key{});
}

void finish_erasing_rooms(const Environment& environment)
{
    for (bool more = true; more;) {
        const int code = commit_deed(environment, [&more](WriteTransaction& transaction) {
            more = erase_affiliations(transaction);
        });
        if (code != 0) {
            log.error("{}", code_text(code, "erase what removed rooms had"));
            return;
        }
    }
}

} // namespace sarang::lmdb
