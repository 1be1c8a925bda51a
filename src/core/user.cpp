// SPDX-License-Identifier: Apache-2.0
#include "core/user.h"

#include "core/host.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "store/storage.h"

#include <utility>

namespace sarang {
namespace {

// Which messages that reach nobody are answered with an error. The same whether nobody has the
// account or nobody is there and nothing is kept, so that the one cannot be told from the other
// (RFC 6121 §8.5.1 and §8.5.2.2 leave it to us).
bool is_missed(const Stanza& message)
{
    switch (message.type) {
    case Type::headline:
    case Type::error:
        return false;
    case Type::groupchat:
        return true;
    case Type::normal:
        return !message.to.is_bare() || message.has(ns::client, "body");
    default:
        return message.has(ns::client, "body");
    }
}

} // namespace

User::User(Host& host, Jid jid)
    : host_{host}
    , jid_{std::move(jid)}
    , last_used_{host.clock().now()}
    , lane_{*this}
{
    host_.server().counters().users.add();
}

User::~User()
{
    host_.server().counters().users.subtract();
}

User::Pin::Pin(User& user)
    : user_{&user}
{
    ++user.pins_;
}

User::Pin::Pin(Pin&& other) noexcept
    : user_{std::exchange(other.user_, nullptr)}
{}

User::Pin& User::Pin::operator=(Pin&& other) noexcept
{
    std::swap(user_, other.user_);
    return *this;
}

User::Pin::~Pin()
{
    if (user_ != nullptr && --user_->pins_ == 0) {
        user_->rest();
    }
}

void User::load()
{
    lane_.occupy(load_now());
}

Task<void> User::load_now()
{
    std::uint64_t modules = 0;
    Result<void> fetched;
    do {
        // A module that came while the others loaded has not loaded its part yet.
        modules = host_.generation();
        Task<Result<void>> fetching = fetch();
        fetched = co_await fetching;
    } while (modules != host_.generation());
    loaded_ = true;
    if (fetched) {
        if (!transient()) {
            Task<void> bringing = host_.server().keeper().bring_back(*this);
            co_await bringing;
        }
        co_return;
    }
    failure_ = std::move(fetched).error();
    if (failure_->condition != Condition::item_not_found) {
        host_.log().error("cannot load {}: {}", field("account", jid_.str()), failure_->cause);
    }
}

Task<Result<void>> User::fetch()
{
    if (*host_.options().accounts == Accounts::stored) {
        const auto account = co_await ok(host_.storage().accounts().find(jid_.str()));
        if (!account) {
            co_return fail(Condition::item_not_found, "No such account");
        }
    }
    UserEvent event{*this};
    Verdict verdict = co_await host_.hooks().load_async.run(event, host_.fault());
    if (verdict.bounces()) {
        // Whatever it is that a module could not read: it does not mean that nobody is there.
        co_return fail(
            Condition::resource_constraint, "The account cannot be read", verdict.error().cause);
    }
    co_return Result<void>{};
}

void User::wait_for_turn(Oneshot<Result<Pin>>& turn)
{
    lane_.submit(std::make_unique<Turn>(turn));
}

void User::announce(Resource& resource, bool initial)
{
    PresenceEvent event{*this, resource, initial};
    host_.hooks().resource_available.run(event, host_.fault());
    if (!host_.hooks().resource_available_async.empty()) {
        lane_.submit(Announcement{resource.id(), initial});
    }
}

void User::receive(Stanza&& stanza, const SessionId& sender)
{
    // Answers are not refused, so they have as many places again: nobody sends more than he was
    // asked for, but who does.
    const auto most = static_cast<std::size_t>(*host_.server().options().account_queue);
    if (lane_.waiting() >= (stanza.answerable() ? most : 2 * most)) {
        host_.router().bounce(
            stanza, Error{Condition::resource_constraint, "Too much at once", {}, {}});
        return;
    }
    Receipts::Hold hold;
    if (lane_.busy()) {
        hold = host_.server().receipts().hold(sender);
    }
    lane_.submit(Item{std::in_place_type<Arrival>, std::move(stanza), sender, std::move(hold)});
}

// What the sender was told is settled must be so before the server ends.
void User::deliver_again(Stanza stanza, const SessionId& from)
{
    lane_.submit(Redelivery{std::move(stanza), host_.server().receipts().hold(from)});
}

Settlements& User::settlements()
{
    return host_.server().settlements();
}

// What passes without a side effect on others may be appended while earlier ones wait.
bool User::begins_early(const Item& item) const
{
    const auto* arrival = std::get_if<Arrival>(&item);
    return arrival != nullptr && arrival->stanza.kind == Kind::message &&
           arrival->stanza.again == 0 && !host_.changing();
}

Step User::begin(Item& item)
{
    if (auto* turn = std::get_if<std::unique_ptr<Turn>>(&item)) {
        if (failure_) {
            (*turn)->deliver(fail(*failure_));
        } else {
            (*turn)->deliver(Pin{*this});
        }
        return Step::over();
    }
    if (auto* redelivery = std::get_if<Redelivery>(&item)) {
        return Step::wait(deliver_in_turn(std::move(*redelivery)));
    }
    if (const auto* announcement = std::get_if<Announcement>(&item)) {
        return Step::wait(announce_in_turn(*announcement));
    }
    return take(std::get<Arrival>(item));
}

Step User::take(Arrival& arrival)
{
    Step step = screen(arrival.stanza);
    const bool waits = step.task() || step.ticket().value_or(AppendTicket::none) != AppendTicket{};
    if (waits && !arrival.hold) {
        arrival.hold = host_.server().receipts().hold(arrival.sender);
    }
    if (step.task()) {
        return Step::wait(settle_after(std::move(*step.task()), std::move(arrival.hold)));
    }
    return step;
}

std::optional<Task<void>> User::finish(Item&& item, AppendOutcome outcome)
{
    auto& arrival = std::get<Arrival>(item);
    Receipts::Hold hold = std::move(arrival.hold);
    std::optional<Task<void>> rest = finish_stanza(std::move(arrival.stanza), outcome);
    if (!rest) {
        return std::nullopt;
    }
    if (!hold) {
        hold = host_.server().receipts().hold(arrival.sender);
    }
    return settle_after(std::move(*rest), std::move(hold));
}

Task<void> User::settle_after(Task<void> work, Receipts::Hold)
{
    co_await work;
}

Step User::screen(Stanza& stanza)
{
    if (host_.changing()) {
        return Step::wait(screen_later(std::move(stanza)));
    }
    if (failure_) {
        refuse(stanza);
        return Step::over();
    }
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = host_.hooks().to_account.run(passage, host_.fault());
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        return Step::over();
    }
    if (host_.hooks().to_account_async.empty() && stanza.again == 0) {
        return keep(stanza);
    }
    return Step::wait(keep_later(std::move(stanza)));
}

Task<void> User::screen_later(Stanza stanza)
{
    Task<void> steady = host_.steady();
    co_await steady;
    Step step = screen(stanza);
    if (step.task()) {
        Task<void>& rest = *step.task();
        co_await rest;
    } else if (step.ticket()) {
        Task<void> rest = finish_later(std::move(stanza), *step.ticket());
        co_await rest;
    }
}

Step User::keep(Stanza& stanza)
{
    if (stanza.kind != Kind::message || host_.hooks().keep_incoming.empty()) {
        return Step::finish_after(AppendTicket::none);
    }
    Keeping keeping{*this, stanza};
    const Verdict verdict = host_.hooks().keep_incoming.run(keeping, host_.fault());
    if (verdict.bounces()) {
        host_.server().counters().not_kept(verdict.error().condition);
        host_.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        return Step::over();
    }
    if (stanza.added.empty()) {
        stanza.added = std::move(keeping.stamp);
    } else {
        stanza.added += keeping.stamp;
    }
    stanza.entry = static_cast<std::uint64_t>(keeping.entry);
    return Step::finish_after(keeping.ticket);
}

Task<void> User::keep_later(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = co_await host_.hooks().to_account_async.run(passage, host_.fault());
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        co_return;
    }
    Task<bool> recalling = recall(stanza);
    const bool known = co_await recalling;
    if (known) {
        co_return; // whom it is for finds it in the archive, if he was not given it
    }
    const Step step = keep(stanza);
    if (step.ticket()) {
        Task<void> rest = finish_later(std::move(stanza), *step.ticket());
        co_await rest;
    }
}

// Whether it was kept before.
Task<bool> User::recall(Stanza& stanza)
{
    if (stanza.again == 0) {
        co_return false;
    }
    Keeping keeping{*this, stanza};
    const Verdict verdict =
        co_await host_.hooks().recall_incoming_async.run(keeping, host_.fault());
    static_cast<void>(verdict);
    stanza.again = 0;
    co_return keeping.known;
}

Task<void> User::finish_later(Stanza stanza, AppendTicket ticket)
{
    Task<AppendOutcome> settling = settlements().outcome(ticket);
    const AppendOutcome outcome = co_await settling;
    if (auto rest = finish_stanza(std::move(stanza), outcome)) {
        Task<void>& left = *rest;
        co_await left;
    }
}

std::optional<Task<void>> User::finish_stanza(Stanza&& stanza, AppendOutcome outcome)
{
    if (outcome != AppendOutcome::durable) {
        const Error error = append_error(outcome);
        host_.server().counters().not_kept(error.condition);
        host_.router().bounce(stanza, error);
        return std::nullopt;
    }
    return host_.changing() ? std::optional{dispatch_later(std::move(stanza))}
                            : dispatch(std::move(stanza));
}

Task<void> User::dispatch_later(Stanza stanza)
{
    Task<void> steady = host_.steady();
    co_await steady;
    if (auto rest = dispatch(std::move(stanza))) {
        Task<void>& left = *rest;
        co_await left;
    }
}

Task<void> User::announce_in_turn(Announcement announcement)
{
    Task<void> steady = host_.steady();
    co_await steady;
    Resource* const resource = host_.server().session(announcement.session);
    if (resource != nullptr && resource->available()) {
        PresenceEvent event{*this, *resource, announcement.initial};
        const Verdict verdict =
            co_await host_.hooks().resource_available_async.run(event, host_.fault());
        static_cast<void>(verdict);
    }
}

// What nobody is there for rests in the archive, where it is: it is not kept twice.
Task<void> User::deliver_in_turn(Redelivery redelivery)
{
    Task<void> steady = host_.steady();
    co_await steady;
    Stanza& stanza = redelivery.stanza;
    const bool rests = stanza.entry != 0 && !host_.hooks().keep_incoming.empty();
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = host_.hooks().deliver.run(passage, host_.fault());
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    } else if (verdict.passes() && !rests) {
        Task<void> offering = offer_undelivered(std::move(stanza));
        co_await offering;
    }
}

void User::lane_idle()
{
    last_used_ = host_.clock().now();
    rest();
}

// Somebody without a session is kept in mind for a while, in case more comes for the account.
void User::rest()
{
    if (!resources_.empty()) {
        return;
    }
    if (expendable()) {
        host_.reap_soon(*this);
    } else {
        host_.forget_later(*this);
    }
}

void User::refuse(const Stanza& stanza)
{
    if (failure_->condition != Condition::item_not_found) {
        if (stanza.kind != Kind::presence) {
            host_.router().bounce(stanza, *failure_);
        }
    } else if (stanza.kind == Kind::iq || (stanza.kind == Kind::message && is_missed(stanza))) {
        // RFC 6121 §8.5.1.
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    } else if (stanza.kind == Kind::presence && stanza.type == Type::probe) {
        // §4.3.2: as by one who has not granted a subscription. Only where nobody can have.
        host_.router().route(stanza.reply(Type::unsubscribed));
    }
    host_.reap_soon(*this);
}

std::optional<Task<void>> User::dispatch(Stanza&& stanza)
{
    if (stanza.kind == Kind::iq) {
        return dispatch_iq(std::move(stanza));
    }
    if (stanza.kind == Kind::presence && is_subscription(stanza.type)) {
        return subscribe(std::move(stanza));
    }
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = host_.hooks().deliver.run(passage, host_.fault());
    if (verdict.passes() && stanza.kind == Kind::message) {
        return offer_undelivered(std::move(stanza));
    }
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
    return std::nullopt;
}

std::optional<Task<void>> User::dispatch_iq(Stanza&& stanza)
{
    if (stanza.to.is_bare()) {
        return host_.answer(std::move(stanza), *this, nullptr);
    }
    // RFC 6121 §8.5.3.1: an iq to a full JID is delivered as it is.
    Resource* const resource = this->resource(stanza.to.resource());
    if (resource != nullptr && resource->reachable()) {
        resource->deliver(stanza);
    } else {
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    }
    return std::nullopt;
}

Task<void> User::subscribe(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict =
        co_await host_.hooks().subscription_in_async.run(passage, host_.fault());
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
}

Task<void> User::offer_undelivered(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = co_await host_.hooks().undelivered_async.run(passage, host_.fault());
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    } else if (verdict.passes() && is_missed(stanza)) {
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    }
}

bool User::transient() const
{
    return *host_.options().accounts == Accounts::anonymous;
}

bool User::expendable() const
{
    return failure_ || outdated_ || transient();
}

bool User::idle() const
{
    return resources_.empty() && pins_ == 0 && !lane_.busy();
}

} // namespace sarang
