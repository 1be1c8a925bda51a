// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/rooms.h"

#include "base/bytes.h"
#include "base/log.h"
#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"
#include "store/lmdb/room_index.h"

#include <iterator>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

// What one transaction reads at most of a room: a long one would hold all pages that are freed.
constexpr std::size_t part_rows = 4096;

constexpr std::size_t page_bytes = 256 * 1024;

struct RoomPart {
    std::uint64_t id = 0; ///< of the room; 0: there is none
    StoredRoom room;
    std::optional<Key> next; ///< the row to go on from
};

StoredAffiliation affiliation_of(ReadTransaction& transaction, std::string_view bytes)
{
    const auto row = decode_named_value(bytes);
    if (!row) {
        // To leave it out could let somebody in.
        transaction.damaged("an affiliation of a room, which cannot be used");
        transaction.corrupt();
        return {};
    }
    return {std::string{row->name}, std::string{row->value}};
}

// The room and its affiliations from a row on, which are of the room of this id: of another, and
// where none is given, all from the first.
RoomPart part_of(
    ReadTransaction& transaction,
    std::string_view room,
    std::uint64_t id,
    const std::optional<Key>& from)
{
    const FoundRoom found = find_room(transaction, room);
    if (!found.row) {
        return {};
    }
    RoomPart part;
    part.id = found.row->id;
    part.room.config = found.row->config;
    part.room.state = found.row->state;
    Cursor cursor{transaction, Table::room_affiliations, Key{part.id}};
    bool more = from && id == part.id ? cursor.seek(*from) : cursor.next();
    for (; more && !transaction.failed(); more = cursor.next()) {
        if (part.room.affiliations.size() == part_rows) {
            part.next = Key{}.raw(cursor.key());
            break;
        }
        part.room.affiliations.push_back(affiliation_of(transaction, cursor.value()));
    }
    return part;
}

void take_over(StoredRoom& room, StoredRoom part)
{
    room.config = std::move(part.config);
    room.state = std::move(part.state);
    room.affiliations.insert(
        room.affiliations.end(),
        std::make_move_iterator(part.affiliations.begin()),
        std::make_move_iterator(part.affiliations.end()));
}

Failure no_room()
{
    return fail(Condition::item_not_found, "There is no such room");
}

std::size_t size_of(const std::vector<StoredAffiliation>& changes)
{
    std::size_t size = changes.size() * sizeof(StoredAffiliation);
    for (const StoredAffiliation& change : changes) {
        size += change.account.size() + change.value.size();
    }
    return size;
}

// The id that a page begins behind.
Result<std::uint64_t> start_of(ReadTransaction& transaction, std::string_view after)
{
    if (after.empty()) {
        return std::uint64_t{0};
    }
    const auto place = room_place(transaction, after);
    return place ? Result<std::uint64_t>{*place} : no_room();
}

// Has `add` make entries of the rooms behind one, until there are `limit`, or enough bytes; it
// returns the size of what it added, 0 where it left a room out. Whether that were all.
template <class Add>
bool gather(
    ReadTransaction& transaction, const Key& first, const Key& prefix, std::size_t limit, Add add)
{
    std::size_t bytes = 0;
    std::size_t added = 0;
    Cursor cursor{transaction, Table::room_order, prefix};
    for (bool more = cursor.seek(first); more; more = cursor.next()) {
        const auto listing = decode_named_value(cursor.value());
        if (!listing) {
            transaction.damaged("a room in the list of its host, where it is left out");
            continue;
        }
        if (added >= limit || bytes > page_bytes) {
            return false;
        }
        const std::size_t size = add(*listing);
        bytes += size;
        added += size > 0 ? 1 : 0;
    }
    return true;
}

struct PageStart {
    std::uint64_t host;
    RoomOrder order;
    std::uint64_t after;

    Key first() const { return order_key(host, order, after + 1); }

    Key prefix() const { return Key{host}.u8(static_cast<std::uint8_t>(order)); }
};

RoomPage page_of(ReadTransaction& transaction, const PageStart& start, std::size_t limit)
{
    RoomPage page;
    const auto add = [&page](const NamedValue& listing) {
        page.rooms.push_back({std::string{listing.name}, std::string{listing.value}});
        return listing.name.size() + listing.value.size();
    };
    page.complete = gather(transaction, start.first(), start.prefix(), limit, add);
    return page;
}

DescribedRooms
described_rooms(ReadTransaction& transaction, const PageStart& start, std::size_t limit)
{
    DescribedRooms page;
    const auto add = [&transaction, &page](const NamedValue& listing) -> std::size_t {
        const NamedRow named = find_named(transaction, Table::rooms, Key{}, listing.name);
        const auto row = named.record ? decode_room_row(*named.record) : std::nullopt;
        if (!row) {
            transaction.damaged("a room, which no search finds");
            return 0;
        }
        page.rooms.push_back(
            {std::string{listing.name}, std::string{listing.value}, std::string{row->config}});
        return listing.name.size() + listing.value.size() + row->config.size();
    };
    page.complete = gather(transaction, start.first(), start.prefix(), limit, add);
    return page;
}

// What an account has in a room, if there still is both.
std::optional<StoredAffiliation> affiliation_in(
    ReadTransaction& transaction, std::uint64_t host, std::uint64_t room, std::string_view account)
{
    const auto bytes = transaction.get(Table::room_order, order_key(host, RoomOrder::all, room));
    const auto listing = bytes ? decode_named_value(*bytes) : std::nullopt;
    const NamedRow row = find_named(transaction, Table::room_affiliations, Key{room}, account);
    if (!listing || !row.record) {
        return std::nullopt;
    }
    StoredAffiliation found = affiliation_of(transaction, *row.record);
    found.account = listing->name;
    return found;
}

std::vector<StoredAffiliation> affiliations_at(
    ReadTransaction& transaction,
    std::string_view account,
    std::uint64_t host,
    std::uint64_t after,
    std::size_t limit)
{
    std::vector<StoredAffiliation> found;
    const Key prefix = Key{}.hash(hash128(account)).u64(host);
    Cursor cursor{transaction, Table::room_accounts, prefix};
    bool more = cursor.seek(Key{prefix}.u64(after + 1));
    for (; more && found.size() < limit; more = cursor.next()) {
        const std::uint64_t room = BytesReader{cursor.key_rest()}.u64();
        if (auto one = affiliation_in(transaction, host, room, account)) {
            found.push_back(std::move(*one));
        }
    }
    return found;
}

} // namespace

void Rooms::open()
{
    finish_erasing_rooms(*engine_.environment());
}

Task<Result<std::optional<StoredRoom>>> Rooms::load(std::string_view room)
{
    StoredRoom loaded;
    std::uint64_t id = 0;
    std::optional<Key> next;
    do {
        auto work =
            [room = std::string{room}, id, next](ReadTransaction& transaction) -> Result<RoomPart> {
            return part_of(transaction, room, id, next);
        };
        Task<Result<RoomPart>> reading = engine_.read_aside(std::move(work));
        RoomPart part = co_await ok(std::move(reading));
        if (part.id == 0) {
            co_return std::optional<StoredRoom>{};
        }
        if (part.id != id) { // the first part, or it was made anew meanwhile
            loaded = {};
        }
        id = part.id;
        next = part.next;
        take_over(loaded, std::move(part.room));
    } while (next);
    co_return std::optional{std::move(loaded)};
}

Task<Result<void>>
Rooms::put(std::string_view room, RoomHead head, std::vector<StoredAffiliation> changes)
{
    const std::size_t size =
        room.size() + head.config.size() + head.state.size() + size_of(changes);
    auto work = [room = std::string{room}, head = std::move(head), changes = std::move(changes)](
                    WriteTransaction& transaction) -> Result<void> {
        put_room(transaction, room, head);
        if (!changes.empty()) {
            static_cast<void>(lmdb::put_affiliations(transaction, room, changes)); // it is there
        }
        return {};
    };
    return engine_.write(size, std::move(work));
}

Task<Result<void>>
Rooms::put_affiliations(std::string_view room, std::vector<StoredAffiliation> changes)
{
    const std::size_t size = size_of(changes);
    auto work = [room = std::string{room},
                 changes = std::move(changes)](WriteTransaction& transaction) -> Result<void> {
        return lmdb::put_affiliations(transaction, room, changes) ? Result<void>{} : no_room();
    };
    return engine_.write(size, std::move(work));
}

Task<Result<bool>> Rooms::erase(std::string_view room)
{
    struct Removal {
        bool done;
        bool more;
    };

    auto work = [room = std::string{room}](WriteTransaction& transaction) -> Result<Removal> {
        // A room of few affiliations is all gone at once.
        return remove_room(transaction, room) ? Removal{true, erase_affiliations(transaction)}
                                              : Removal{false, false};
    };
    Task<Result<Removal>> removing = engine_.write(room.size(), std::move(work));
    const Removal removal = co_await ok(std::move(removing));
    if (removal.more) {
        Task<void> erasing = erase_rest();
        co_await erasing;
    }
    co_return removal.done;
}

// The deed is done by then: nothing leads to what is left, which is erased at the next start else.
Task<void> Rooms::erase_rest()
{
    Result<bool> more = true;
    while (more && *more) {
        auto work = [](WriteTransaction& transaction) -> Result<bool> {
            return erase_affiliations(transaction);
        };
        Task<Result<bool>> erasing = engine_.write(0, work);
        more = co_await erasing;
    }
    if (!more) {
        log.error("what a removed room had is erased at the next start: {}", more.error().cause);
    }
}

Task<Result<RoomPage>>
Rooms::list(std::string_view host, std::string_view after, std::size_t limit, bool only_listed)
{
    const RoomOrder order = only_listed ? RoomOrder::listed : RoomOrder::all;
    auto work = [host = std::string{host}, after = std::string{after}, limit, order](
                    ReadTransaction& transaction) -> Result<RoomPage> {
        const auto start = start_of(transaction, after);
        if (!start) {
            return fail(start.error());
        }
        const auto record = find_host(transaction, host);
        return record ? page_of(transaction, {record->id, order, *start}, limit) : RoomPage{};
    };
    return engine_.read_aside(std::move(work));
}

Task<Result<DescribedRooms>>
Rooms::describe_listed(std::string_view host, std::string_view after, std::size_t limit)
{
    auto work = [host = std::string{host}, after = std::string{after}, limit](
                    ReadTransaction& transaction) -> Result<DescribedRooms> {
        const auto start = start_of(transaction, after);
        if (!start) {
            return fail(start.error());
        }
        const auto record = find_host(transaction, host);
        return record ? described_rooms(transaction, {record->id, RoomOrder::listed, *start}, limit)
                      : DescribedRooms{};
    };
    return engine_.read_aside(std::move(work));
}

Task<Result<std::uint64_t>> Rooms::count(std::string_view host, bool only_listed)
{
    auto work = [host, only_listed](ReadTransaction& transaction) -> Result<std::uint64_t> {
        const auto record = find_host(transaction, host);
        const auto totals = record ? room_totals(transaction, record->id) : RoomTotals{};
        if (!totals) {
            transaction.damaged("the number of a host's rooms");
            transaction.corrupt();
            return std::uint64_t{0};
        }
        return only_listed ? totals->listed : totals->rooms;
    };
    return engine_.read(work);
}

Task<Result<std::vector<StoredAffiliation>>> Rooms::affiliations_of(
    std::string_view account, std::string_view host, std::string_view after, std::size_t limit)
{
    auto work = [account = std::string{account},
                 host = std::string{host},
                 after = std::string{after},
                 limit](ReadTransaction& transaction) -> Result<std::vector<StoredAffiliation>> {
        const auto start = start_of(transaction, after);
        if (!start) {
            return fail(start.error());
        }
        const auto record = find_host(transaction, host);
        return record ? affiliations_at(transaction, account, record->id, *start, limit)
                      : std::vector<StoredAffiliation>{};
    };
    return engine_.read_aside(std::move(work));
}

} // namespace sarang::lmdb
