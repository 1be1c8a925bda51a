// SPDX-License-Identifier: Apache-2.0
// `sarangctl room list`: the rooms that are kept, and those that are in memory only.
#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"
#include "store/storage.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "modules/muc/commands.h"
#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

constexpr std::size_t page = 500;

Json row_of(const RoomListing& room, std::size_t occupants, bool stored)
{
    Json row;
    row.set("room", room.room)
        .set("title", room.title)
        .set("occupants", occupants)
        .set("persistent", stored);
    return row;
}

} // namespace

Task<std::vector<RoomInMemory>> RoomCommands::in_memory()
{
    std::vector<RoomInMemory> all;
    Server& server = muc_.host().server().server();
    const std::string domain{muc_.host().domain()};
    for (unsigned i = 0; i < server.size(); ++i) {
        ServerShard& there = server.shard(i);
        const auto ask = [&there, domain] {
            Host* const host = there.router().host(domain);
            RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
            return rooms != nullptr ? rooms->rooms_here() : std::vector<RoomInMemory>{};
        };
        Task<std::vector<RoomInMemory>> asking = sarang::on(there.shard(), ask);
        const std::vector<RoomInMemory> theirs = co_await asking;
        all.insert(all.end(), theirs.begin(), theirs.end());
    }
    std::ranges::sort(all, {}, &RoomInMemory::room);
    co_return std::move(all);
}

Task<Result<Json>> RoomCommands::list(CommandCall& call)
{
    Task<std::vector<RoomInMemory>> asking = in_memory();
    const std::vector<RoomInMemory> here = co_await asking;
    std::unordered_map<std::string_view, std::size_t> occupants;
    for (const RoomInMemory& room : here) {
        occupants.emplace(room.room, room.occupants);
    }
    const std::string domain{muc_.host().domain()};
    std::string after;
    for (bool complete = false; !complete;) {
        const RoomPage found = co_await ok(muc_.storage().rooms().list(domain, after, page, false));
        for (const RoomListing& room : found.rooms) {
            const auto known = occupants.find(room.room);
            const std::size_t inside = known != occupants.end() ? known->second : 0;
            co_await ok(call.caller().send(row_of(room, inside, true)));
        }
        complete = found.complete || found.rooms.empty();
        after = complete ? std::string{} : found.rooms.back().room;
    }
    for (const RoomInMemory& room : here) {
        if (!room.stored) {
            const RoomListing listing{room.room, room.title};
            co_await ok(call.caller().send(row_of(listing, room.occupants, false)));
        }
    }
    co_return Json{};
}

} // namespace sarang::muc
