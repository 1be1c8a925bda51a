// SPDX-License-Identifier: Apache-2.0
// The list of a service's rooms (XEP-0045 §6.3), in pages (XEP-0059): first those that are kept, in
// the order in which they were made, then those that will end with their last occupant, by name.
#include "core/result_set.h"
#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"
#include "store/storage.h"

#include <algorithm>

#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

void add(Element& reply, const RoomListing& room)
{
    reply.add("item").set("jid", room.room).set("name", room.title);
}

} // namespace

std::vector<RoomListing> Muc::temporary_rooms() const
{
    std::vector<RoomListing> listed;
    for (const auto& [local, actor] : rooms_) {
        const Room& room = actor->room();
        if (room.exists && !room.stored && !room.locked && room.config.listed) {
            listed.push_back({std::string{room.jid.str()}, title_of(room.jid, room.config)});
        }
    }
    return listed;
}

std::vector<PublicRoom> Muc::public_rooms(std::size_t most) const
{
    std::vector<PublicRoom> all;
    std::size_t looked_at = 0;
    for (const auto& [local, actor] : rooms_) {
        if (looked_at++ == most) {
            break;
        }
        const Room& room = actor->room();
        const bool empty = room.stored && room.occupants.empty();
        if (room.exists && !room.locked && room.config.listed && !empty) {
            all.push_back(public_room(
                std::string{room.jid.str()},
                title_of(room.jid, room.config),
                room.config,
                room.occupants.size()));
            all.back().stored = room.stored;
        }
    }
    return all;
}

std::vector<RoomInMemory> Muc::rooms_here() const
{
    std::vector<RoomInMemory> all;
    for (const auto& [local, actor] : rooms_) {
        const Room& room = actor->room();
        if (room.exists) {
            all.push_back(
                {std::string{room.jid.str()},
                 title_of(room.jid, room.config),
                 room.occupants.size(),
                 room.stored});
        }
    }
    return all;
}

Task<std::vector<RoomListing>> Muc::all_temporary_rooms()
{
    std::vector<RoomListing> all;
    Server& server = host().server().server();
    const std::string domain{host().domain()};
    for (unsigned i = 0; i < server.size(); ++i) {
        ServerShard& there = server.shard(i);
        const auto ask = [&there, domain] {
            Host* const host = there.router().host(domain);
            RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
            return rooms != nullptr ? rooms->temporary_rooms() : std::vector<RoomListing>{};
        };
        Task<std::vector<RoomListing>> asking = sarang::on(there.shard(), ask);
        const std::vector<RoomListing> theirs = co_await asking;
        all.insert(all.end(), theirs.begin(), theirs.end());
    }
    std::ranges::sort(all, {}, &RoomListing::room);
    co_return std::move(all);
}

Task<Verdict> Muc::list(DiscoItemsEvent& event)
{
    const Result<ResultSetRequest> asked = ResultSetRequest::read(event.request.child);
    if (!asked) {
        co_return Verdict::bounce(asked.error());
    }
    const std::size_t bound = most_listed();
    const std::size_t most = std::min(asked->max.value_or(bound), bound);
    const std::string after = asked->after.value_or(std::string{});
    const std::string domain{host().domain()};
    Task<std::vector<RoomListing>> asking = all_temporary_rooms();
    std::vector<RoomListing> temporary = co_await asking;
    Task<Result<RoomPage>> reading = storage().rooms().list(domain, after, most, true);
    const Result<RoomPage> page = co_await reading;
    const bool beyond = !page && page.error().condition == Condition::item_not_found;
    if (!page && !beyond) {
        co_return Verdict::bounce(page.error());
    }
    std::vector<RoomListing> rooms = page ? page->rooms : std::vector<RoomListing>{};
    if (beyond || page->complete) {
        for (RoomListing& room : temporary) {
            if (rooms.size() < most && (!beyond || room.room > after)) {
                rooms.push_back(std::move(room));
            }
        }
    }
    for (const RoomListing& room : rooms) {
        add(event.reply, room);
    }
    const bool all = after.empty() && !beyond && page->complete && rooms.size() < most;
    if (!all || event.request.child.child(result_set_ns, "set") != nullptr) {
        ResultSetAnswer answer;
        if (!rooms.empty()) {
            answer.first = rooms.front().room;
            answer.last = rooms.back().room;
        }
        const std::size_t beside = temporary.size();
        Task<std::optional<std::uint64_t>> counting = count_all(domain, beside);
        answer.count = co_await counting;
        event.reply.add(answer.element());
    }
    co_return Verdict::pass();
}

Task<Result<Element>> Muc::search(const HostRequest& request)
{
    return searches_.answer(request);
}

// Of all that are listed; nothing where that is not known.
Task<std::optional<std::uint64_t>> Muc::count_all(std::string domain, std::size_t temporary)
{
    Task<Result<std::uint64_t>> counting = storage().rooms().count(domain, true);
    const Result<std::uint64_t> kept = co_await counting;
    co_return kept ? std::optional{*kept + temporary} : std::nullopt;
}

} // namespace sarang::muc
