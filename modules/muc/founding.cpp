// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/founding.h"

#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"
#include "store/storage.h"

#include <algorithm>
#include <utility>

#include "modules/muc/entering.h"
#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

constexpr std::size_t page_rows = 256;

bool owns(const StoredAffiliation& row)
{
    const auto item = Codec<AffiliationItem>::decode(row.value);
    return item && item->affiliation == Affiliation::owner;
}

} // namespace

RoomCount Muc::count_temporary(const Jid& maker) const
{
    return {claims_.of(maker), claims_.total()};
}

// On all shards.
Task<RoomCount> Muc::count_all_temporary(Jid maker)
{
    RoomCount sum;
    Server& server = host().server().server();
    const std::string domain{host().domain()};
    for (unsigned i = 0; i < server.size(); ++i) {
        ServerShard& there = server.shard(i);
        const auto ask = [&there, domain, maker] {
            Host* const host = there.router().host(domain);
            RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
            return rooms != nullptr ? rooms->count_temporary(maker) : RoomCount{};
        };
        Task<RoomCount> asking = sarang::on(there.shard(), ask);
        const RoomCount theirs = co_await asking;
        sum.of_maker += theirs.of_maker;
        sum.all += theirs.all;
    }
    co_return sum;
}

// Whether it owns so many rooms that are kept; those of which it is a member are looked through.
Task<Result<bool>> Muc::owns_as_many(Jid account, std::size_t most)
{
    const std::string domain{host().domain()};
    std::size_t owned = 0;
    std::string after;
    for (bool more = true; more && owned < most;) {
        const std::vector<StoredAffiliation> rows =
            co_await ok(storage().rooms().affiliations_of(account.str(), domain, after, page_rows));
        owned += static_cast<std::size_t>(std::ranges::count_if(rows, owns));
        more = rows.size() == page_rows;
        after = rows.empty() ? std::string{} : rows.back().account;
    }
    co_return owned >= most;
}

Task<Result<void>> Muc::may_make_another(Jid account)
{
    if (administers(account)) {
        co_return Result<void>{};
    }
    Task<RoomCount> counting = count_all_temporary(account);
    const RoomCount temporary = co_await counting;
    const std::string domain{host().domain()};
    const std::uint64_t kept = co_await ok(storage().rooms().count(domain, false));
    if (kept + temporary.all >= static_cast<std::size_t>(*max_rooms_in_all_)) {
        co_return fail(Condition::resource_constraint, "This service has no place for more rooms");
    }
    const auto most = static_cast<std::size_t>(*max_rooms_);
    bool enough = temporary.of_maker >= most;
    if (!enough) {
        enough = co_await ok(owns_as_many(account, most - temporary.of_maker));
    }
    if (enough) {
        co_return fail(
            Condition::not_allowed,
            "You have " + std::to_string(most) + " rooms, and may not make more");
    }
    co_return Result<void>{};
}

Task<Result<void>> found_room(Room& room, const Stanza& presence)
{
    const Jid maker = presence.from.bare();
    co_await ok(may_knock(room, presence));
    if (!room.muc.may_create(maker)) {
        co_return fail(Condition::not_allowed, "You may not make rooms here");
    }
    co_await ok(room.muc.may_make_another(maker));
    room.begin();
    room.locked = room.muc.locks_new_rooms();
    room.config = room.muc.standard_config();
    room.affiliations.set(maker, AffiliationItem{Affiliation::owner, {}, {}});
    room.claim = room.muc.claims().claim(maker);
    if (!room.locked && room.config.persistent) {
        RoomConfig config = room.config;
        Task<Result<void>> keeping = room.muc.keep_config(room, std::move(config), {});
        const Result<void> kept = co_await keeping;
        if (!kept) {
            room.clear();
            co_return fail(kept.error());
        }
    }
    co_return Result<void>{};
}

} // namespace sarang::muc
