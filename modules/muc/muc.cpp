// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/muc.h"

#include "base/bytes.h"
#include "core/server.h"
#include "core/server_shard.h"
#include "store/storage.h"

#include <algorithm>
#include <chrono>

#include "modules/muc/commands.h"
#include "modules/muc/join_request.h"
#include "modules/muc/kept.h"
#include "modules/muc/leaving.h"
#include "modules/muc/names.h"
#include "modules/muc/vcard.h"

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds sweep_interval = 15s;

} // namespace

Muc::Muc(Host& host)
    : Module{host}
    , create_{options().choice<MayCreate>(
          "create",
          MayCreate::local,
          {{"anyone", MayCreate::anyone},
           {"local", MayCreate::local},
           {"nobody", MayCreate::nobody}},
          "who may make rooms: anyone, those with an account here, nobody but admins")}
    , lock_{options().boolean(
          "lock", true, "a new room is closed until its owner has configured it")}
    , max_rooms_{options().integer(
          "max_rooms", 100, {1, 1'000'000}, "rooms that one account may have made")}
    , max_rooms_in_all_{options().integer(
          "max_rooms_in_all", 1'000'000, {1, 1'000'000'000}, "rooms of the service")}
    , resync_interval_{options().duration(
          "resync_interval", 5s, {0s, 1h}, "before an occupant may ask for all of the room again")}
    , applicants_expire_{options().duration(
          "applicants_expire", 720h, {1s, 8760h}, "requests for membership that nobody answers")}
    , max_occupants_{options().integer(
          "max_occupants", 5000, {1, 1'000'000}, "occupants of one room")}
    , spare_seats_{options().integer(
          "spare_seats", 10, {0, 1000}, "more that owners and admins may take in a full room")}
    , queue_{options().integer("queue", 1000, {1, 1'000'000}, "stanzas that wait for one room")}
    , spare_queue_{options().integer(
          "spare_queue", 100, {0, 100'000}, "more that may wait from its owners and admins")}
    , rate_{options().integer(
          "rate", 5, {0, 1000}, "messages and presence of one account in a room, a second; 0: any")}
    , burst_{options().integer("burst", 50, {1, 100'000}, "as many may come at once, after a rest")}
    , password_pause_{options().duration(
          "password_pause", 1s, {0s, 1h}, "after the third wrong password of a room; 0s: none")}
    , max_password_pause_{options().duration(
          "max_password_pause", 5min, {1s, 24h}, "after many more, each of which doubles it")}
    , max_listed_{options().integer("max_listed", 100, {1, 10'000}, "rooms of one page of a list")}
    , max_invited_{options().integer("max_invited", 20, {1, 1000}, "invitations of one message")}
    , max_mentions_{options().integer(
          "max_mentions", 20, {0, 1000}, "members who are away that one may have told in a minute")}
    , max_nick_{options().integer("max_nick", 64, {1, 1023}, "characters of a nickname")}
    , max_presence_{options().size(
          "max_presence",
          std::size_t{8} << 10U,
          {std::size_t{1} << 10U, std::size_t{512} << 10U},
          "size of what an occupant's presence says")}
    , history_size_{options().size(
          "history_size",
          std::size_t{256} << 10U,
          {std::size_t{4} << 10U, std::size_t{16} << 20U},
          "what is shown of the past to who enters, in all; the archive has the rest")}
    , max_avatar_{options().size(
          "max_avatar",
          std::size_t{128} << 10U,
          {std::size_t{1} << 10U, std::size_t{512} << 10U},
          "size of a room's vCard, with its avatar")}
    , max_hats_{options().integer("max_hats", 50, {0, 1000}, "hats of one room")}
    , linger_{options().duration(
          "linger", 1min, {1s, 24h}, "how long a room that nobody is in stays in memory")}
    , admins_{options().list("admins", {}, "accounts that are owners of all rooms")}
    , defaults_{options("room")}
    , searches_{*this, options("search")}
    , occupied_{store<OccupiedRoom>("occupied")}
    , cards_{{store<StoredCard>("card"), store<StoredCard>("other card")}}
{
    identity("conference", "text", "Rooms");
    for (const std::string_view ns :
         {muc_ns, stable_id_ns, occupant_id_ns, vcard_ns, search_ns, search_order_ns}) {
        feature(ns);
    }
    on(hooks().to_service, &Muc::receive, priority::deliver);
    on(hooks().disco_items_async, &Muc::list);
    iq(Iq::get, Scope::host, search_ns, "search", &Muc::search);
    on(hooks().closing_async, &Muc::save_occupied);
    every(sweep_interval, [this] { sweep(); });
    provide<RoomsService>(*this);
    if (host.shard().index() == 0) {
        const auto commands =
            std::make_shared<RoomCommands>(*this, host.server().server().commands());
        undo([commands] { commands->take_back(); });
    }
    undo([this] { close_down(); });
    outlive_reload(
        "rooms",
        [this] {
            comes_back_ = true;
            return encode_rooms();
        },
        [this](std::string_view bytes) { decode_rooms(bytes); });
}

Receipts& Muc::receipts()
{
    return host().server().receipts();
}

Settlements& Muc::settlements()
{
    return host().server().settlements();
}

bool Muc::administers(const Jid& who) const
{
    return std::ranges::find(*admins_, who.bare_str()) != (*admins_).end();
}

bool Muc::may_create(const Jid& who)
{
    if (administers(who) || *create_ == MayCreate::anyone) {
        return true;
    }
    Host* const home = router().host(who.domain());
    const bool local = home != nullptr && *home->options().accounts != Accounts::none;
    return *create_ == MayCreate::local && local;
}

bool Muc::has_account(const Jid& who)
{
    Host* const home = router().host(who.domain());
    return !who.local().empty() &&
           (home == nullptr || *home->options().accounts == Accounts::stored);
}

OccupantId Muc::occupant_id(const Jid& room, const Jid& account) const
{
    std::string of{room.str()};
    of += '\0';
    of += account.bare_str();
    const Digest digest = hmac(Hash::sha256, key_->reveal(), of);
    return OccupantId{base64url_encode(digest.view().substr(0, OccupantId::size / 4 * 3))};
}

std::string Muc::seal(std::string_view words) const
{
    return base64url_encode(hmac(Hash::sha256, key_->reveal(), words).view().substr(0, 18));
}

Result<std::optional<Kept>> Muc::keep(const Room& room, const Stanza& kept)
{
    ArchiveService* const archive = archive_of(room);
    return archive != nullptr ? archive->keep(room.jid, kept.from, kept) : std::optional<Kept>{};
}

Verdict Muc::receive(ServiceArrival& arrival)
{
    const Jid address = arrival.stanza.to.bare();
    actor(address).receive(std::move(arrival.stanza), arrival.sender, std::move(arrival.hold));
    return Verdict::done();
}

RoomActor& Muc::actor(const Jid& jid)
{
    const auto found = rooms_.find(jid.local());
    if (found != rooms_.end()) {
        return *found->second;
    }
    auto made = std::make_unique<RoomActor>(*this, jid);
    RoomActor& actor = *made;
    rooms_.emplace(actor.room().jid.local(), std::move(made));
    actor.load();
    return actor;
}

Task<Result<RoomActor::Pin>> Muc::room(Jid jid)
{
    Oneshot<Result<RoomActor::Pin>> turn;
    actor(jid).wait_for_turn(turn);
    Result<RoomActor::Pin> pin = co_await turn;
    co_return std::move(pin);
}

Task<Result<Json>> Muc::carry_out(Jid room, Json order)
{
    const auto inside = enter();
    if (!inside) {
        co_return fail(Condition::service_unavailable, "The module is about to go");
    }
    Oneshot<Result<Json>> answer;
    actor(room).perform(std::move(order), answer);
    Result<Json> result = co_await answer;
    co_return std::move(result);
}

Task<void> Muc::pause()
{
    co_await host().shard().sleep(1s);
}

bool Muc::can_keep(const Room& room)
{
    const ArchiveService* const archive = archive_of(room);
    return archive == nullptr || archive->is_open();
}

Task<Result<void>> Muc::open_archive()
{
    ArchiveService* const archive = host().service<ArchiveService>();
    if (archive != nullptr) {
        co_await ok(archive->open());
    }
    co_return Result<void>{};
}

void Muc::look_after(Room& room)
{
    if (room.exists && room.occupants.empty() && (room.locked || !room.config.persistent)) {
        if (room.stored) {
            spawn(erase_later(std::string{room.jid.str()}));
        }
        room.clear();
        forget_soon(room.jid);
    } else if (room.occupants.empty() && room.activity.take_unkept()) {
        keep_soon(room);
    }
}

void Muc::forget_soon(const Jid& room)
{
    doubtful_.push_back(room);
    if (doubtful_.size() == 1) {
        spawn(forget_doubtful());
    }
}

// From the loop, when nothing of a room can be at work any more.
Task<void> Muc::forget_doubtful()
{
    co_await yield();
    for (const Jid& room : std::exchange(doubtful_, {})) {
        const auto found = rooms_.find(room.local());
        if (found != rooms_.end() && found->second->idle() && !found->second->room().exists) {
            rooms_.erase(found);
        }
    }
}

void Muc::sweep()
{
    const Clock::Time bound = clock().now() - *linger_;
    std::erase_if(rooms_, [bound](const auto& entry) {
        return entry.second->idle() && entry.second->last_used() < bound;
    });
}

// Where the module goes for good, and the server does not: else who is in a room is so afterwards.
void Muc::close_down()
{
    for (const auto& [local, actor] : rooms_) {
        if (!comes_back_) {
            sarang::muc::close_down(actor->room());
        }
    }
}

std::string Muc::encode_rooms() const
{
    BytesWriter out;
    for (const auto& [local, actor] : rooms_) {
        if (actor->room().exists) {
            out.string(actor->room().jid.str()).string(encode_room(actor->room()));
        }
    }
    return out.take();
}

// They are all that is left of the rooms that are kept nowhere, and of who was in the others.
void Muc::decode_rooms(std::string_view bytes)
{
    BytesReader in{bytes};
    while (in.ok() && !in.rest().empty()) {
        const Result<Jid> jid = Jid::parse(in.string());
        const std::string_view room = in.string();
        if (!jid) {
            continue;
        }
        auto actor = std::make_unique<RoomActor>(*this, *jid);
        if (decode_room(room, actor->room())) {
            RoomActor& made = *actor;
            count(made.room());
            rooms_.emplace(made.room().jid.local(), std::move(actor));
            made.load();
        } else {
            log().error("a room was lost in a reload {}", field("room", jid->str()));
        }
    }
}

} // namespace sarang::muc

SARANG_MODULE(sarang::muc::Muc)
