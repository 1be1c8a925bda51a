// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/actor.h"

#include "core/server_shard.h"

#include <array>
#include <utility>

#include "modules/muc/archive.h"
#include "modules/muc/braking.h"
#include "modules/muc/entering.h"
#include "modules/muc/forwarding.h"
#include "modules/muc/founding.h"
#include "modules/muc/join_request.h"
#include "modules/muc/leaving.h"
#include "modules/muc/letters.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/registering.h"
#include "modules/muc/requests.h"
#include "modules/muc/retracting.h"
#include "modules/muc/waiting.h"
#include "modules/muc/whispers.h"

namespace sarang::muc {

RoomActor::Pin::Pin(RoomActor& actor)
    : actor_{&actor}
{
    ++actor.pins_;
}

RoomActor::Pin::Pin(Pin&& other) noexcept
    : actor_{std::exchange(other.actor_, nullptr)}
{}

RoomActor::Pin& RoomActor::Pin::operator=(Pin&& other) noexcept
{
    std::swap(actor_, other.actor_);
    return *this;
}

RoomActor::Pin::~Pin()
{
    if (actor_ != nullptr) {
        --actor_->pins_;
    }
}

RoomActor::RoomActor(Muc& muc, Jid jid)
    : room_{muc, std::move(jid)}
    , last_used_{muc.clock().now()}
    , lane_{*this}
{}

void RoomActor::load()
{
    lane_.occupy(load_now());
}

Task<void> RoomActor::load_now()
{
    const auto inside = room_.muc.enter();
    Result<void> loaded;
    do {
        Task<Result<void>> loading = room_.muc.load(room_);
        loaded = co_await loading;
        if (!loaded && room_.exists) { // who is in it, from before a reload, must not be lost
            Task<void> pause = room_.muc.pause();
            co_await pause;
        }
    } while (!loaded && room_.exists && room_.muc.enter());
    if (!loaded) {
        failure_ = loaded.error();
    }
}

void RoomActor::receive(Stanza&& stanza, const SessionId& sender, Receipts::Hold hold)
{
    const auto runs_it = [&] { return room_.affiliation_of(stanza.from) >= Affiliation::admin; };
    if (!may_wait(stanza, lane_.waiting(), room_.muc.waiting_bounds(), runs_it)) {
        bounce(stanza, Error{Condition::resource_constraint, "Too much at once", {}, {}});
        return;
    }
    Arrival arrival{std::move(stanza), sender, std::move(hold)};
    if (lane_.busy()) {
        wait(arrival);
    }
    lane_.submit(std::move(arrival));
}

void RoomActor::wait_for_turn(Oneshot<Result<Pin>>& turn)
{
    lane_.submit(std::make_unique<Turn>(turn));
}

void RoomActor::wait(Arrival& arrival)
{
    if (!arrival.hold) {
        arrival.hold = room_.muc.receipts().hold(arrival.sender);
    }
    if (!arrival.inside) {
        arrival.inside = room_.muc.enter();
    }
}

Settlements& RoomActor::settlements()
{
    return room_.muc.settlements();
}

void RoomActor::lane_idle()
{
    last_used_ = room_.clock().now();
    if (!room_.exists) {
        room_.muc.forget_soon(room_.jid);
    }
}

// What is said to all may be appended while what was said before is synced.
bool RoomActor::begins_early(const Item& item) const
{
    const auto* const arrival = std::get_if<Arrival>(&item);
    return arrival != nullptr && arrival->stanza.kind == Kind::message &&
           arrival->stanza.type == Type::groupchat && !is_retraction(arrival->stanza);
}

Step RoomActor::begin(Item& item)
{
    if (auto* const turn = std::get_if<std::unique_ptr<Turn>>(&item)) {
        failure_ ? (*turn)->deliver(fail(*failure_)) : (*turn)->deliver(Pin{*this});
        return Step::over();
    }
    if (auto* const order = std::get_if<std::unique_ptr<Order>>(&item)) {
        if (failure_) {
            (*order)->sender.deliver(fail(*failure_));
            return Step::over();
        }
        return Step::wait(carry_out(std::move(*order)));
    }
    auto& arrival = std::get<Arrival>(item);
    if (failure_) {
        bounce(arrival.stanza, *failure_);
        return Step::over();
    }
    const bool existed = room_.exists;
    Step step = take(arrival);
    if (existed && !room_.exists) {
        return Step::wait(load_now()); // whatever comes next is for another room
    }
    return step;
}

Step RoomActor::take(Arrival& arrival)
{
    if (arrival.stanza.type == Type::error) {
        take_failure(arrival.stanza);
        room_.muc.look_after(room_);
        return Step::over();
    }
    switch (arrival.stanza.kind) {
    case Kind::presence:
        return take_presence(arrival);
    case Kind::message:
        return take_message(arrival);
    case Kind::iq:
        return take_iq(arrival);
    }
    return Step::over();
}

void RoomActor::take_failure(const Stanza& error)
{
    if (error.kind == Kind::iq) {
        forward_answer(room_, error);
    } else if (error.kind != Kind::message || !return_whisper(room_, error)) {
        take_error(room_, error);
    }
}

Step RoomActor::take_presence(Arrival& arrival)
{
    Stanza& presence = arrival.stanza;
    if (presence.type == Type::available && !room_.exists && presence.has(muc_ns, "x")) {
        wait(arrival);
        return Step::wait(found(std::move(presence), std::move(arrival.hold)));
    }
    if (presence.type == Type::available) {
        if (const auto taken = take_available(room_, presence); !taken) {
            refuse(presence, taken.error());
        }
    } else if (presence.type == Type::unavailable) {
        take_unavailable(room_, presence);
    }
    room_.muc.look_after(room_);
    return Step::over();
}

Task<void> RoomActor::found(Stanza presence, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    Task<Result<void>> founding = found_room(room_, presence);
    const Result<void> founded = co_await founding;
    const Result<void> taken = founded ? take_available(room_, presence, true) : founded;
    if (!taken) {
        refuse(presence, taken.error());
    }
    room_.muc.look_after(room_);
}

Step RoomActor::take_message(Arrival& arrival)
{
    Stanza& message = arrival.stanza;
    if (!room_.there_for(message.from)) {
        bounce(message, Error{Condition::item_not_found, "There is no such room", {}, {}});
        return Step::over();
    }
    if (const auto paced = paces(message); !paced) {
        bounce(message, paced.error());
        return Step::over();
    }
    if (message.to.is_bare() && is_retraction(message)) {
        wait(arrival);
        return Step::wait(take_back(std::move(message), std::move(arrival.hold)));
    }
    if (message.to.is_bare() && message.type == Type::groupchat && !room_.muc.can_keep(room_)) {
        wait(arrival);
        return Step::wait(say_later(std::move(message), std::move(arrival.hold)));
    }
    if (message.to.is_bare() && message.type == Type::groupchat) {
        Result<Speech> speech = prepare(room_, Stanza{message});
        if (!speech) {
            bounce(message, speech.error());
            return Step::over();
        }
        const AppendTicket ticket = speech->ticket;
        arrival.speech = std::make_unique<Speech>(std::move(*speech));
        if (ticket != AppendTicket::none) {
            wait(arrival);
        }
        return Step::finish_after(ticket);
    }
    if (message.to.is_bare() && answers_applicant(message)) {
        wait(arrival);
        return Step::wait(settle_applicant(std::move(message), std::move(arrival.hold)));
    }
    if (message.to.is_bare() && invites(message)) {
        wait(arrival);
        return Step::wait(invite(std::move(message), std::move(arrival.hold)));
    }
    const Result<void> taken =
        message.to.is_bare() ? take_letter(room_, message) : whisper(room_, message);
    if (!taken) {
        bounce(message, taken.error());
    }
    return Step::over();
}

// Who is not here is refused anyway.
Result<void> RoomActor::paces(const Stanza& message)
{
    const Occupant* const sender = room_.occupants.by_session(message.from);
    return sender != nullptr ? not_too_fast(room_, sender->account) : Result<void>{};
}

std::optional<Task<void>> RoomActor::finish(Item&& item, AppendOutcome outcome)
{
    const auto& arrival = std::get<Arrival>(item);
    if (outcome == AppendOutcome::durable) {
        say(room_, *arrival.speech);
    } else {
        bounce(arrival.speech->came, append_error(outcome));
    }
    return std::nullopt;
}

// Who keeps it has just come.
Task<void> RoomActor::say_later(Stanza message, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    Task<Result<void>> opening = room_.muc.open_archive();
    const Result<void> opened = co_await opening;
    Result<Speech> speech =
        opened ? prepare(room_, Stanza{message}) : Result<Speech>{fail(opened.error())};
    if (!speech) {
        bounce(message, speech.error());
        co_return;
    }
    Task<AppendOutcome> settling = settlements().outcome(speech->ticket);
    const AppendOutcome outcome = co_await settling;
    if (outcome == AppendOutcome::durable) {
        say(room_, *speech);
    } else {
        bounce(message, append_error(outcome));
    }
}

Task<void> RoomActor::take_back(Stanza message, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    Task<Result<void>> retracting = retract(room_, message);
    const Result<void> retracted = co_await retracting;
    if (!retracted) {
        bounce(message, retracted.error());
    }
}

Task<void> RoomActor::invite(Stanza message, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    Task<Result<void>> inviting = invite_all(room_, message);
    const Result<void> invited = co_await inviting;
    if (!invited) {
        bounce(message, invited.error());
    }
}

Step RoomActor::take_iq(Arrival& arrival)
{
    Stanza& stanza = arrival.stanza;
    if (stanza.type == Type::result) {
        forward_answer(room_, stanza);
        return Step::over();
    }
    if (!stanza.to.is_bare()) {
        if (const auto forwarded = forward_request(room_, stanza); !forwarded) {
            bounce(stanza, forwarded.error());
        }
        return Step::over();
    }
    if (stanza.type == Type::unknown || !stanza.payload || stanza.payload->size() != 1) {
        bounce(stanza, Error{Condition::bad_request, {}, {}, {}});
        return Step::over();
    }
    wait(arrival);
    Element child = stanza.payload->element(std::size_t{0});
    if (child.ns() == mam_ns) {
        if (auto asked =
                room_.muc.ask_archive(room_, stanza, std::move(child), std::move(arrival.hold));
            !asked) {
            bounce(stanza, asked.error());
        }
        return Step::over();
    }
    return Step::wait(answer(std::move(stanza), std::move(child), std::move(arrival.hold)));
}

Task<void> RoomActor::answer(Stanza request, Element child, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    const bool existed = room_.exists;
    Task<IqAnswer> answering = take_request(room_, request, child);
    const IqAnswer answer = co_await answering;
    room_.muc.look_after(room_);
    if (!answer) {
        bounce(request, answer.error());
    } else if (*answer) {
        Stanza reply = request.reply(Type::result);
        reply.payload = Payload::make(**answer);
        room_.router().route(std::move(reply));
    }
    if (existed && !room_.exists) {
        Task<void> loading = load_now();
        co_await loading;
    }
}

// With the <x/> that asked for it, by which clients know that it was not let in (§7.2.5).
void RoomActor::refuse(const Stanza& presence, const Error& error)
{
    Stanza answer = presence.error_reply(error);
    if (presence.has(muc_ns, "x")) {
        answer.payload = Payload::make(std::array{Element{muc_ns, "x"}, error_element(error)});
    }
    room_.router().route(std::move(answer));
}

void RoomActor::bounce(const Stanza& stanza, const Error& error)
{
    room_.router().bounce(stanza, error);
}

} // namespace sarang::muc
