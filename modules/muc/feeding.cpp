// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/feeding.h"

#include "core/server.h"
#include "core/server_shard.h"
#include "core/untaken.h"
#include "net/call.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "modules/muc/muc.h"
#include "modules/muc/showing.h"

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t nobody = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

constexpr Milliseconds shortest_pause = 1ms;
constexpr Milliseconds longest_pause = 500ms;

// About what it takes, in memory and on the wire.
std::size_t size_of(const Stanza& stanza)
{
    constexpr std::size_t head = 100;
    std::size_t size = head + stanza.from.str().size() + stanza.to.str().size();
    return stanza.payload ? size + stanza.payload->bytes().size() : size;
}

// Nothing where the next of them is not to be shown to it.
std::optional<Stanza> next_shown(const Room& room, Feeding& feeding, const Jid& session)
{
    const Occupant* const viewer = room.occupants.by_session(session);
    const Occupant* const one = viewer != nullptr ? room.occupants.from(feeding.next) : nullptr;
    feeding.next = one != nullptr ? one->number + 1 : nobody;
    if (one == nullptr || one == viewer || !broadcasts(room.config, one->role)) {
        return std::nullopt;
    }
    const bool with_address = room.shows_addresses_to(*viewer);
    return presence_for(room, *one, one->shown(), Type::available, {}, false, with_address);
}

std::optional<Stanza> next_of(const Room& room, Feeding& feeding, const Jid& session)
{
    while (feeding.next != nobody) {
        if (auto presence = next_shown(room, feeding, session)) {
            return presence;
        }
    }
    if (feeding.rest.empty()) {
        return std::nullopt;
    }
    std::optional<Stanza> first{std::move(feeding.rest.front())};
    feeding.rest.pop_front();
    return first;
}

void put_behind(Feeding& feeding, Stanza stanza)
{
    feeding.late += feeding.begun ? size_of(stanza) : 0;
    feeding.rest.push_back(std::move(stanza));
}

// Who reads nothing of it meets the bounds of his stream instead.
void bound(Room& room, const Jid& session)
{
    const Feeding* const feeding = room.feedings.find(session);
    if (feeding != nullptr && feeding->late > room.muc.most_waiting_behind()) {
        feed_piece(room, session, everything);
    }
}

} // namespace

void begin_feeding(Room& room, const Jid& session)
{
    room.feedings.begin(session);
}

void start_feeding(Room& room, const Jid& session)
{
    if (Feeding* const feeding = room.feedings.find(session)) {
        feeding->begun = true;
        const std::uint64_t number = feeding->number;
        if (feed_piece(room, session, room.muc.welcome_piece())) {
            room.muc.feed(room, session, number);
        }
    }
}

void end_feeding(Room& room, const Jid& session)
{
    if (Feeding* const feeding = room.feedings.find(session)) {
        feeding->next = nobody;
        feed_piece(room, session, everything);
    }
}

// What is sent may come back at once as an error, which may end this.
bool feed_piece(Room& room, const Jid& session, std::size_t most)
{
    std::size_t sent = 0;
    while (Feeding* const feeding = room.feedings.find(session)) {
        if (sent >= most) {
            return true;
        }
        std::optional<Stanza> next = next_of(room, *feeding, session);
        if (!next) {
            room.feedings.end(session);
            break;
        }
        next->to = session;
        sent += size_of(*next);
        room.router().route(std::move(*next));
    }
    return false;
}

void tell(Room& room, Stanza stanza, const Jid& session)
{
    stanza.to = session;
    if (Feeding* const feeding = room.feedings.find(session)) {
        put_behind(*feeding, std::move(stanza));
        bound(room, session);
    } else {
        room.router().route(std::move(stanza));
    }
}

void tell_all(Room& room, const Stanza& stanza, const std::vector<Jid>& sessions)
{
    if (room.feedings.empty()) {
        room.router().route_to_many(stanza, sessions);
        return;
    }
    std::vector<Jid> ready;
    std::vector<Jid> fed;
    for (const Jid& session : sessions) {
        (room.feedings.find(session) != nullptr ? fed : ready).push_back(session);
    }
    for (const Jid& session : fed) {
        tell(room, stanza, session);
    }
    room.router().route_to_many(stanza, ready);
}

void Muc::feed(Room& room, const Jid& session, std::uint64_t number)
{
    spawn(feed_later(RoomActor::Pin{actor(room.jid)}, session, number));
}

// When this module is to go, there is nobody to do so later.
Task<void> Muc::feed_later(RoomActor::Pin room, Jid session, std::uint64_t number)
{
    Milliseconds pause = shortest_pause;
    for (;;) {
        co_await host().shard().sleep(pause);
        Task<std::size_t> asking = untaken_by(session);
        const std::size_t left = co_await asking;
        const Feeding* const feeding = room->feedings.find(session);
        if (feeding == nullptr || feeding->number != number) {
            co_return;
        }
        const bool stays = enter().has_value();
        if (stays && left >= welcome_piece()) {
            pause = std::min(pause * 2, longest_pause);
            continue;
        }
        if (!feed_piece(*room, session, stays ? welcome_piece() : everything)) {
            co_return;
        }
        pause = shortest_pause;
    }
}

// Of who is not here nobody knows: he is sent a piece after each turn.
Task<std::size_t> Muc::untaken_by(Jid session)
{
    const bool here = router().host(session.domain()) != nullptr && !session.local().empty();
    if (!here) {
        co_return std::size_t{0};
    }
    Server& server = host().server().server();
    ServerShard& there = server.shard(server.placement().shard_of(session.bare_str()));
    const auto look = [&there, session] {
        const Host* const home = there.router().host(session.domain());
        const User* const user = home != nullptr ? home->find(session.local()) : nullptr;
        const Resource* const resource =
            user != nullptr ? user->resource(session.resource()) : nullptr;
        return resource != nullptr ? untaken(*resource) : std::size_t{0};
    };
    Task<std::size_t> visiting = sarang::on(there.shard(), look);
    co_return co_await visiting;
}

} // namespace sarang::muc
