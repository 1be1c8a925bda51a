// SPDX-License-Identifier: Apache-2.0
// XEP-0045: Multi-User Chat, with XEP-0410 and XEP-0421.
//
// Rooms at a host without accounts, each on the shard of its bucket. The module finds or loads the
// room that is meant; what comes is seen to by its RoomActor.
#pragma once

#include "base/crypto.h"
#include "core/module.h"
#include "core/service/archive.h"
#include "core/service/rooms.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modules/muc/actor.h"
#include "modules/muc/cards.h"
#include "modules/muc/room.h"
#include "modules/muc/room_claims.h"
#include "modules/muc/room_defaults.h"
#include "modules/muc/searching.h"
#include "modules/muc/waiting.h"

namespace sarang::muc {

/// A room whose occupants may be there again after a restart.
struct OccupiedRoom {
    std::string bytes; ///< as encode_room() gave them
};

/// Who may make rooms.
enum class MayCreate : std::uint8_t { anyone, local, nobody };

using AffiliationChanges = std::vector<std::pair<Jid, AffiliationItem>>;

class Muc final : public Module, private RoomsService {
public:
    explicit Muc(Host& host);

    // For its rooms.

    using Module::enter;
    using Module::host;
    using Module::storage;

    Router& host_router() { return router(); }

    const Clock& clock() { return host().clock(); }

    Receipts& receipts();
    Settlements& settlements();

    /// Operators of the service are owners of all rooms (§ "Service Use Cases").
    bool administers(const Jid& who) const;
    bool may_create(const Jid& who);
    /// Whether it is an account that will be the same person's tomorrow: of an anonymous host there
    /// is none; elsewhere there may be.
    bool has_account(const Jid& who);

    bool locks_new_rooms() const { return *lock_; }

    /// Of rooms that are made.
    RoomConfig standard_config() const { return defaults_.config(); }

    /// Whether an account may make one more room, kept or not.
    Task<Result<void>> may_make_another(Jid account);

    RoomClaims& claims() { return claims_; }

    /// Between two times that an occupant is told all of the room anew.
    Milliseconds resync_interval() const { return *resync_interval_; }

    /// After which who wants to register is not waited for any more.
    Milliseconds applicants_expire() const { return *applicants_expire_; }

    std::size_t most_occupants() const { return static_cast<std::size_t>(*max_occupants_); }

    /// How often an account may have members told that it mentions them, in a minute.
    std::size_t most_mentions() const { return static_cast<std::size_t>(*max_mentions_); }

    /// Beyond those of a full room, for its owners and admins.
    std::size_t spare_seats() const { return static_cast<std::size_t>(*spare_seats_); }

    /// Rooms of one page of a list.
    std::size_t most_listed() const { return static_cast<std::size_t>(*max_listed_); }

    std::size_t most_invited() const { return static_cast<std::size_t>(*max_invited_); }

    /// Of what occupants say of themselves, in bytes.
    std::size_t largest_presence() const { return *max_presence_; }

    std::size_t longest_nick() const { return static_cast<std::size_t>(*max_nick_); }

    /// Of what was said, in bytes.
    std::size_t history_size() const { return *history_size_; }

    std::size_t largest_avatar() const { return *max_avatar_; }

    std::size_t most_hats() const { return static_cast<std::size_t>(*max_hats_); }

    const Cards& cards() const { return cards_; }

    /// A digest that nobody else can make.
    std::string seal(std::string_view words) const;

    WaitingBounds waiting_bounds() const
    {
        return {static_cast<std::size_t>(*queue_), static_cast<std::size_t>(*spare_queue_)};
    }

    /// Of what one account has a room show to others.
    Pace::Rate pace() const { return {static_cast<double>(*rate_), static_cast<double>(*burst_)}; }

    PasswordGuard::Pauses password_pauses() const
    {
        return {*password_pause_, *max_password_pause_};
    }

    /// XEP-0421: the same for an account in this room for ever, and nowhere else.
    OccupantId occupant_id(const Jid& room, const Jid& account) const;

    /// Appends what is said to all to the room's archive, in the form that is kept; nothing where
    /// it is not to be kept.
    Result<std::optional<Kept>> keep(const Room& room, const Stanza& kept);

    /// Where it is archived.
    ArchiveService* archive_of(const Room& room);
    /// Answers a request of urn:xmpp:mam:2, which the room does not wait for; the error where it is
    /// not to be answered.
    Result<void> ask_archive(const Room& room, Stanza request, Element child, Receipts::Hold hold);

    /// Before something that failed is tried again.
    Task<void> pause();

    /// Whether what is said can be kept where it is to be kept; else open_archive() first.
    bool can_keep(const Room& room);
    Task<Result<void>> open_archive();

    /// What is kept of it, if anything; of a room that does not exist, its archive ends.
    Task<Result<void>> load(Room& room);

    // These keep a change before it is one. The room outlives the task.

    /// And sets it.
    Task<Result<void>> keep_config(Room& room, RoomConfig config, AffiliationChanges people);
    /// Does not set them. All outlive the task.
    Task<Result<void>> keep_affiliations(Room& room, const AffiliationChanges& changes);
    /// What has changed but for the configuration and affiliations.
    Task<Result<void>> keep_state(Room& room);
    /// All that is kept of it.
    Task<Result<void>> erase(Room& room);

    /// keep_state() without anybody waiting for it.
    void keep_soon(Room& room);

    /// One that nobody is in, and that is not to last, ends.
    void look_after(Room& room);

    /// One that does not exist takes no memory once it has answered.
    void forget_soon(const Jid& room);

    /// The room, loaded, on this shard.
    Task<Result<RoomActor::Pin>> room(Jid jid);

private:
    Verdict receive(ServiceArrival& arrival);
    Task<Verdict> list(DiscoItemsEvent& event);
    std::vector<RoomListing> temporary_rooms() const override;
    std::vector<PublicRoom> public_rooms(std::size_t most) const override;
    std::vector<RoomInMemory> rooms_here() const override;
    Task<Result<Element>> search(const HostRequest& request);
    Task<std::vector<RoomSight>> look(Jid reader, std::vector<RoomGlance> glances) override;
    Task<RoomSight> look_at(Jid reader, const RoomGlance& glance);
    Task<Result<Json>> carry_out(Jid room, Json order) override;
    RoomCount count_temporary(const Jid& maker) const override;
    Task<RoomCount> count_all_temporary(Jid maker);
    Task<Result<bool>> owns_as_many(Jid account, std::size_t most);
    Task<std::vector<RoomListing>> all_temporary_rooms();
    Task<std::optional<std::uint64_t>> count_all(std::string domain, std::size_t temporary);
    RoomActor& actor(const Jid& jid);
    void begin_extensions(Room& room);
    RoomHead head_of(const Room& room, const RoomConfig& config) const;
    void count(Room& room);
    Task<Result<void>> load_key();
    Task<void> load_history(Room& room);
    Task<void>
    read_archive(Stanza request, Element child, ArchiveReader reader, Receipts::Hold hold);
    Task<void> keep_later(RoomActor::Pin room);
    Task<void> erase_later(std::string room);
    Task<Verdict> save_occupied(HostEvent& event);
    Task<void> save_some(std::vector<Jid>& left);
    Task<Result<bool>> bring_back(Room& room);
    Task<void> forget_doubtful();
    void sweep();
    void close_down();
    std::string encode_rooms() const;
    void decode_rooms(std::string_view bytes);

    Option<MayCreate> create_;
    Option<bool> lock_;
    Option<std::int64_t> max_rooms_;
    Option<std::int64_t> max_rooms_in_all_;
    Option<Milliseconds> resync_interval_;
    Option<Milliseconds> applicants_expire_;
    Option<std::int64_t> max_occupants_;
    Option<std::int64_t> spare_seats_;
    Option<std::int64_t> queue_;
    Option<std::int64_t> spare_queue_;
    Option<std::int64_t> rate_;
    Option<std::int64_t> burst_;
    Option<Milliseconds> password_pause_;
    Option<Milliseconds> max_password_pause_;
    Option<std::int64_t> max_listed_;
    Option<std::int64_t> max_invited_;
    Option<std::int64_t> max_mentions_;
    Option<std::int64_t> max_nick_;
    Option<std::size_t> max_presence_;
    Option<std::size_t> history_size_;
    Option<std::size_t> max_avatar_;
    Option<std::int64_t> max_hats_;
    Option<Milliseconds> linger_;
    Option<std::vector<std::string>> admins_;
    RoomDefaults defaults_;
    RoomSearches searches_;
    RoomClaims claims_; ///< of rooms_
    Store<OccupiedRoom> occupied_;
    Cards cards_;
    std::optional<Secret> key_;
    std::unordered_map<std::string_view, std::unique_ptr<RoomActor>> rooms_; ///< by local part
    std::size_t asked_ = 0;     ///< requests to archives that are under way
    std::vector<Jid> doubtful_; ///< may have to go
    bool comes_back_ = false;   ///< with who is in its rooms
};

} // namespace sarang::muc

namespace sarang {

template <>
struct Codec<muc::OccupiedRoom> {
    static std::string encode(const muc::OccupiedRoom& room) { return room.bytes; }

    static std::optional<muc::OccupiedRoom> decode(std::string_view bytes)
    {
        return muc::OccupiedRoom{std::string{bytes}};
    }
};

} // namespace sarang
