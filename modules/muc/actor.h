// SPDX-License-Identifier: Apache-2.0
// RoomActor: sees to what comes for a room, in order, once the room was loaded. On the shard of the
// room's bucket.
#pragma once

#include "base/clock.h"
#include "base/gate.h"
#include "base/oneshot.h"
#include "core/json.h"
#include "core/lane.h"
#include "core/receipts.h"

#include <memory>
#include <optional>
#include <variant>

#include "modules/muc/room.h"
#include "modules/muc/speaking.h"

namespace sarang::muc {

class RoomActor {
public:
    /// Keeps a room in memory.
    class Pin {
    public:
        explicit Pin(RoomActor& actor);
        Pin(Pin&& other) noexcept;
        Pin& operator=(Pin&& other) noexcept;
        ~Pin();

        Room& operator*() const { return actor_->room_; }

        Room* operator->() const { return &actor_->room_; }

    private:
        RoomActor* actor_;
    };

    RoomActor(Muc& muc, Jid jid);
    RoomActor(const RoomActor&) = delete;
    RoomActor& operator=(const RoomActor&) = delete;

    Room& room() { return room_; }

    /// Begins to load it. Once, after it was made; it does so again by itself when a room ends.
    void load();

    /// `hold`: where it has waited before.
    void receive(Stanza&& stanza, const SessionId& sender, Receipts::Hold hold);

    /// Delivers when all that came before was seen to.
    void wait_for_turn(Oneshot<Result<Pin>>& turn);

    /// Has an operator's order carried out in its turn.
    void perform(Json order, Oneshot<Result<Json>>& answer);

    /// Nothing of it is under way, and nobody is in it.
    bool idle() const { return pins_ == 0 && !lane_.busy() && room_.occupants.empty(); }

    Clock::Time last_used() const { return last_used_; }

private:
    struct Arrival {
        Stanza stanza;
        SessionId sender;
        Receipts::Hold hold = {};                 ///< once it has to wait
        std::optional<Gate::Hold> inside = {};    ///< the module, likewise
        std::unique_ptr<Speech> speech = nullptr; ///< a message to all that is being kept
    };

    using Turn = Oneshot<Result<Pin>>::Sender;

    struct Order {
        Json words;
        Oneshot<Result<Json>>::Sender sender;
    };

    using Item = std::variant<Arrival, std::unique_ptr<Turn>, std::unique_ptr<Order>>;
    friend class Lane<RoomActor, Item>;

    Step begin(Item& item);
    std::optional<Task<void>> finish(Item&& item, AppendOutcome outcome);
    bool begins_early(const Item& item) const;
    Settlements& settlements();
    void lane_idle();

    Task<void> load_now();
    Task<void> carry_out(std::unique_ptr<Order> order);
    void wait(Arrival& arrival);
    Step take(Arrival& arrival);
    void take_failure(const Stanza& error);
    Step take_presence(Arrival& arrival);
    Task<void> found(Stanza presence, Receipts::Hold hold);
    Step take_message(Arrival& arrival);
    Result<void> paces(const Stanza& message);
    Step take_iq(Arrival& arrival);
    Task<void> say_later(Stanza message, Receipts::Hold hold);
    Task<void> take_back(Stanza message, Receipts::Hold hold);
    Task<void> invite(Stanza message, Receipts::Hold hold);
    Task<void> settle_applicant(Stanza message, Receipts::Hold hold);
    Task<void> answer(Stanza request, Element child, Receipts::Hold hold);
    void refuse(const Stanza& presence, const Error& error);
    void bounce(const Stanza& stanza, const Error& error);

    Room room_;
    std::optional<Error> failure_; ///< why it could not be loaded
    unsigned pins_ = 0;
    Clock::Time last_used_;
    Lane<RoomActor, Item> lane_;
};

} // namespace sarang::muc
