// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/searching.h"

#include "base/scope.h"
#include "core/data_form.h"
#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"
#include "store/storage.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

// Before others of the shard have a turn.
constexpr std::size_t rooms_in_a_turn = 256;

constexpr double minute = 60;

} // namespace

RoomSearches::RoomSearches(Muc& muc, Options& options)
    : muc_{muc}
    , remote_{options.boolean("remote", false, "accounts of other servers may search as well")}
    , all_{options.boolean("all", true, "all rooms that are listed may be asked for")}
    , max_looked_at_{options.integer(
          "max_looked_at", 10'000, {100, 1'000'000}, "rooms that one search looks at")}
    , max_at_once_{options.integer(
          "max_at_once", 4, {1, 1000}, "searches that one shard is busy with")}
    , rate_{options.integer(
          "rate", 20, {0, 6000}, "searches of one account, or of another server, a minute; 0: any")}
    , burst_{options.integer("burst", 10, {1, 1000}, "as many may come at once, after a rest")}
{}

Task<Result<Element>> RoomSearches::answer(const HostRequest& request)
{
    const Jid& who = request.stanza.from;
    if (!may_search(who)) {
        co_return fail(Condition::forbidden, "Only accounts of this server may search here");
    }
    const Element* const form = request.child.child(data_form_ns, "x");
    if (form == nullptr) {
        co_return search_form(*all_);
    }
    std::variant<RoomSearch, Element> read = read_search(*form, *all_);
    if (auto* const refusal = std::get_if<Element>(&read)) {
        co_return std::move(*refusal);
    }
    RoomSearch asked = std::get<RoomSearch>(std::move(read));
    const Result<ResultSetRequest> set = ResultSetRequest::read(request.child);
    if (!set) {
        co_return fail(set.error());
    }
    Result<SearchPage> page = SearchPage::of(asked.order, *set, muc_.most_listed());
    if (!page) {
        co_return fail(page.error());
    }
    Task<Result<Element>> searching = search(counted(who), std::move(asked), std::move(*page));
    Result<Element> found = co_await searching;
    co_return std::move(found);
}

bool RoomSearches::may_search(const Jid& who) const
{
    return *remote_ || muc_.host_router().host(who.domain()) != nullptr;
}

// Guests without an account count as one, and so does another server: else they came again as
// others.
Jid RoomSearches::counted(const Jid& who) const
{
    const bool local = muc_.host_router().host(who.domain()) != nullptr;
    return local && muc_.has_account(who) ? who.bare() : who.host();
}

// 0: none.
std::uint64_t RoomSearches::seconds_to_wait(const Jid& asker)
{
    const bool full = busy_.size() >= static_cast<std::size_t>(*max_at_once_);
    if (full || std::ranges::find(busy_, asker) != busy_.end()) {
        return 1;
    }
    const Pace::Rate rate{static_cast<double>(*rate_) / minute, static_cast<double>(*burst_)};
    const Milliseconds left = pace_.take(asker, muc_.clock().now(), rate);
    return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(left).count());
}

Task<Result<Element>> RoomSearches::search(Jid asker, RoomSearch search, SearchPage page)
{
    if (const std::uint64_t seconds = seconds_to_wait(asker); seconds > 0) {
        co_return search_too_soon(seconds);
    }
    busy_.push_back(asker);
    const OnExit done{[this, &asker] { std::erase(busy_, asker); }};
    Task<Result<Element>> finding = find(std::move(search), std::move(page));
    Result<Element> found = co_await finding;
    co_return std::move(found);
}

Task<Result<Element>> RoomSearches::find(RoomSearch search, SearchPage page)
{
    Users users;
    Task<void> looking = look_at_memory(search, page, users);
    co_await looking;
    std::string rest;
    const bool occupied_alone = search.order == RoomSearch::Order::users && search.min_users > 0;
    if (search.rooms && !occupied_alone) {
        rest = co_await ok(look_at_store(search, page, users));
    }
    if (page.is_last() && !rest.empty()) {
        co_return fail(Condition::feature_not_implemented, "There are too many rooms for that");
    }
    co_return page.result(rest);
}

// By number of users, those that somebody is in come in the first window, wherever they are kept.
Task<void> RoomSearches::look_at_memory(const RoomSearch& search, SearchPage& page, Users& users)
{
    const bool by_users = search.order == RoomSearch::Order::users;
    const unsigned shards = muc_.host().server().server().size();
    std::size_t looked_at = 0;
    for (unsigned i = 0; i < shards; ++i) {
        Task<std::vector<PublicRoom>> asking = rooms_of_shard(i);
        std::vector<PublicRoom> rooms = co_await asking;
        for (PublicRoom& room : rooms) {
            if (++looked_at % rooms_in_a_turn == 0) {
                co_await yield();
            }
            if (room.stored) {
                users.emplace(room.room, room.users);
            }
            const bool here = page.window().empty() && (by_users || !room.stored);
            if (here && search.matches(room)) {
                page.add(std::move(room));
            }
        }
    }
}

Task<std::vector<PublicRoom>> RoomSearches::rooms_of_shard(unsigned shard)
{
    ServerShard& there = muc_.host().server().server().shard(shard);
    const std::string domain{muc_.host().domain()};
    const auto most = static_cast<std::size_t>(*max_looked_at_);
    const auto ask = [&there, domain, most] {
        Host* const host = there.router().host(domain);
        RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
        return rooms != nullptr ? rooms->public_rooms(most) : std::vector<PublicRoom>{};
    };
    Task<std::vector<PublicRoom>> asking = sarang::on(there.shard(), ask);
    std::vector<PublicRoom> rooms = co_await asking;
    co_return std::move(rooms);
}

// Returns where the next window begins; nothing where there is none.
Task<Result<std::string>>
RoomSearches::look_at_store(const RoomSearch& search, SearchPage& page, const Users& users)
{
    const std::string domain{muc_.host().domain()};
    const bool by_users = search.order == RoomSearch::Order::users;
    std::string after = page.window();
    auto left = static_cast<std::size_t>(*max_looked_at_);
    bool complete = false;
    while (left > 0 && !complete) {
        const std::size_t most = std::min(left, rooms_in_a_turn);
        DescribedRooms part =
            co_await ok(muc_.storage().rooms().describe_listed(domain, after, most));
        complete = part.complete || part.rooms.empty();
        left -= std::min(left, part.rooms.size());
        for (DescribedRoom& one : part.rooms) {
            after = one.room;
            const auto config = Codec<RoomConfig>::decode(one.config);
            const auto there = users.find(one.room);
            if (!config || !config->listed || (by_users && there != users.end())) {
                continue;
            }
            PublicRoom room = public_room(
                std::move(one.room),
                std::move(one.title),
                *config,
                there != users.end() ? there->second : 0);
            if (search.matches(room)) {
                page.add(std::move(room));
            }
        }
    }
    co_return complete ? std::string{} : after;
}

} // namespace sarang::muc
