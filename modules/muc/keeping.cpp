// SPDX-License-Identifier: Apache-2.0
// How rooms come from the store, and how their changes get there.
#include "core/server.h"
#include "core/server_shard.h"
#include "store/secrets.h"
#include "store/storage.h"

#include <utility>

#include "modules/muc/kept.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

std::vector<StoredAffiliation> stored(const AffiliationChanges& changes)
{
    std::vector<StoredAffiliation> rows;
    for (const auto& [account, item] : changes) {
        const bool none = item.affiliation == Affiliation::none;
        rows.push_back(
            {std::string{account.str()},
             none ? std::string{} : Codec<AffiliationItem>::encode(item)});
    }
    return rows;
}

// Which versions of the affiliations they make is kept first (XEP-0463): after a crash in between,
// clients are told once more of those who have what they had.
void expect(Room& room, const AffiliationChanges& changes)
{
    std::vector<AffiliationVersions::Change> coming;
    for (const auto& [account, item] : changes) {
        const Affiliation before = room.affiliations.item(account).affiliation;
        if (before != item.affiliation) {
            coming.push_back({{}, account, before, item.affiliation});
        }
    }
    room.versions.expect(coming);
}

AffiliationChanges all_of(const Affiliations& affiliations)
{
    AffiliationChanges all;
    for (const Affiliation affiliation :
         {Affiliation::outcast, Affiliation::member, Affiliation::admin, Affiliation::owner}) {
        for (const Jid& account : affiliations.list(affiliation)) {
            all.emplace_back(account, affiliations.item(account));
        }
    }
    return all;
}

} // namespace

Task<Result<void>> Muc::load_key()
{
    if (key_) {
        co_return Result<void>{};
    }
    const std::string name = "occupants " + std::string{host().domain()};
    Task<Result<Secret>> loading = secret(storage().values(), name);
    Result<Secret> key = co_await loading;
    if (!key) {
        co_return fail(key.error());
    }
    key_.emplace(std::move(*key));
    co_return Result<void>{};
}

Task<Result<void>> Muc::load(Room& room)
{
    co_await ok(load_key());
    co_await ok(open_archive());
    if (room.exists) {
        begin_extensions(room);
        co_return Result<void>{}; // it comes from before a reload
    }
    const bool back = co_await ok(bring_back(room));
    if (back) {
        begin_extensions(room);
        count(room);
        co_return Result<void>{};
    }
    std::optional<StoredRoom> kept = co_await ok(storage().rooms().load(room.jid.str()));
    if (!kept) {
        // Nobody is to read what was said in another room of that name.
        if (ArchiveService* const archive = host().service<ArchiveService>()) {
            co_await ok(archive->forget(room.jid));
        }
        co_await ok(cards_.forget(room));
        co_return Result<void>{};
    }
    std::optional<RoomConfig> config = Codec<RoomConfig>::decode(kept->config);
    bool sound = config && decode_state(kept->state, room);
    for (const StoredAffiliation& row : kept->affiliations) {
        const Result<Jid> account = Jid::parse(row.account);
        std::optional<AffiliationItem> item = Codec<AffiliationItem>::decode(row.value);
        sound = sound && account && item;
        if (account && item) {
            room.affiliations.set(*account, std::move(*item));
        }
    }
    if (!sound) {
        log().error("what is kept of a room is damaged {}", field("room", room.jid.str()));
        co_return fail(Condition::internal_server_error, "The room cannot be read");
    }
    room.config = std::move(*config);
    room.exists = true;
    room.stored = true;
    begin_extensions(room);
    Task<void> loading = load_history(room);
    co_await loading;
    co_return Result<void>{};
}

// Of a room that comes from before there were any.
void Muc::begin_extensions(Room& room)
{
    if (!room.versions.begun()) {
        room.versions.begin();
        room.activity.begin_unknown(clock().wall());
        keep_soon(room);
    }
}

RoomHead Muc::head_of(const Room& room, const RoomConfig& config) const
{
    RoomHead head;
    head.host = room.jid.domain();
    head.title = title_of(room.jid, config);
    head.listed = config.listed;
    head.config = Codec<RoomConfig>::encode(config);
    head.state = encode_state(room);
    return head;
}

Task<Result<void>> Muc::keep_config(Room& room, RoomConfig config, AffiliationChanges people)
{
    RoomStore& rooms = storage().rooms();
    const std::string name{room.jid.str()};
    expect(room, people);
    if (config.persistent) {
        RoomHead head = head_of(room, config);
        AffiliationChanges changes = room.stored ? AffiliationChanges{} : all_of(room.affiliations);
        changes.insert(changes.end(), people.begin(), people.end());
        std::vector<StoredAffiliation> rows = stored(changes);
        co_await ok(rooms.put(name, std::move(head), std::move(rows)));
    } else if (room.stored) {
        co_await ok(rooms.erase(name));
    }
    room.stored = config.persistent;
    room.config = std::move(config);
    count(room);
    co_return Result<void>{};
}

// Among those that are kept nowhere, if it is one.
void Muc::count(Room& room)
{
    const std::vector<Jid> owners = room.affiliations.list(Affiliation::owner);
    if (!room.exists || room.stored || owners.empty()) {
        room.claim.reset();
    } else if (!room.claim) {
        room.claim = claims_.claim(owners.front());
    }
}

Task<Result<void>> Muc::keep_affiliations(Room& room, const AffiliationChanges& changes)
{
    if (room.stored && !changes.empty()) {
        expect(room, changes);
        co_await ok(keep_state(room));
        std::vector<StoredAffiliation> rows = stored(changes);
        const std::string name{room.jid.str()};
        co_await ok(storage().rooms().put_affiliations(name, std::move(rows)));
    }
    co_return Result<void>{};
}

// It says nothing of the configuration that a change which is under way would have to undo.
Task<Result<void>> Muc::keep_state(Room& room)
{
    if (room.stored) {
        RoomHead head = head_of(room, room.config);
        const std::string name{room.jid.str()};
        co_await ok(storage().rooms().put(name, std::move(head)));
    }
    co_return Result<void>{};
}

Task<Result<void>> Muc::erase(Room& room)
{
    if (room.stored) {
        const std::string name{room.jid.str()};
        co_await ok(storage().rooms().erase(name));
        room.stored = false;
    }
    co_return Result<void>{};
}

void Muc::keep_soon(Room& room)
{
    if (room.stored) {
        spawn(keep_later(RoomActor::Pin{actor(room.jid)}));
    }
}

Task<void> Muc::keep_later(RoomActor::Pin room)
{
    Task<Result<void>> keeping = keep_state(*room);
    const Result<void> kept = co_await keeping;
    if (!kept) {
        log().error("cannot keep {}: {}", field("room", room->jid.str()), kept.error().cause);
    }
}

Task<void> Muc::erase_later(std::string room)
{
    Task<Result<bool>> erasing = storage().rooms().erase(room);
    const Result<bool> erased = co_await erasing;
    if (!erased) {
        log().error("cannot remove {}: {}", field("room", room), erased.error().cause);
    }
}

} // namespace sarang::muc
