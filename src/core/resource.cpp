// SPDX-License-Identifier: Apache-2.0
#include "core/resource.h"

#include "core/host.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "core/user.h"

#include <utility>

namespace sarang {
namespace {

// What a client may have sent and not heard of: it keeps those, so it has not let them be many.
constexpr unsigned most_repeated = 1000;

} // namespace

Resource::Resource(User& user, Jid jid, SessionId id, Pipe* pipe)
    : user_{user}
    , jid_{std::move(jid)}
    , id_{id}
    , pipe_{pipe}
    , lane_{*this}
{}

Resource::~Resource() = default;

void Resource::receive(Stanza&& stanza)
{
    if (hibernation_) {
        hibernation_->inbound.submit();
    } else if (put_off_ > 0) {
        ++behind_put_off_;
    }
    if (repeating_ && stanza.kind == Kind::message && repeating_->left > 0) {
        --repeating_->left;
        stanza.again = static_cast<std::uint64_t>(repeating_->since.time_since_epoch().count());
    }
    // Made where the lane has it: a stanza is some 200 bytes, and moving it costs.
    lane_.submit(Item{std::in_place_type<Sent>, std::move(stanza)});
    const auto most = static_cast<std::size_t>(*user_.host().server().options().waiting_stanzas);
    if (!paused_ && lane_.waiting() >= most && pipe_ != nullptr) {
        paused_ = true;
        pipe_->pause(true);
    }
}

void Resource::may_repeat(Clock::Wall since)
{
    may_repeat(since, most_repeated);
}

void Resource::may_repeat(Clock::Wall since, unsigned left)
{
    repeating_ = std::make_unique<Repeating>(Repeating{since, left});
}

std::optional<Clock::Wall> Resource::repeats_since() const
{
    return repeating_ ? std::optional{repeating_->since} : std::nullopt;
}

void Resource::stream_ended()
{
    clean_ = true;
    end_in_turn();
}

void Resource::pipe_gone()
{
    pipe_ = nullptr;
    if (!hibernate()) {
        end_in_turn();
    }
}

// The end queues behind what the client sent before it.
void Resource::end_in_turn()
{
    if (!ending_ && !frozen_) {
        ending_ = true;
        lane_.submit(std::monostate{});
    }
}

void Resource::forward(Stanza&& stanza)
{
    const unsigned shard = user_.host().router().route(std::move(stanza), id_);
    if (shard != id_.shard) {
        sent_to_ |= shard_bit(shard);
        if (hibernation_) {
            hibernation_->sent_to_ |= shard_bit(shard);
        }
    }
}

void Resource::settled(std::uint8_t question)
{
    if (question != 0) {
        count_settled();
    } else if (settling_ != nullptr && --settling_->shards == 0) {
        settling_->done.accept(true);
    }
}

bool Resource::all_settled() const
{
    return sent_to_ == 0 && user_.host().server().receipts().settled(id_);
}

Task<void> Resource::settle()
{
    Router& router = user_.host().router();
    Settling settling{};
    for (unsigned shard = 0; shard < router.placement().shards(); ++shard) {
        if (shard == id_.shard || (sent_to_ & shard_bit(shard)) != 0) {
            router.send(shard, AwaitSettled{id_});
            ++settling.shards;
        }
    }
    sent_to_ = 0;
    settling_ = &settling;
    co_await settling.done;
    settling_ = nullptr;
}

void Resource::deliver(const Stanza& stanza, const Ref<Delivery>& delivery)
{
    Hooks& hooks = user_.host().hooks();
    if (hooks.to_resource.empty()) {
        write(stanza, delivery);
        return;
    }
    Stanza copy = stanza;
    Passage passage{user_, copy, this, copy.from, copy.to};
    const Verdict verdict = hooks.to_resource.run(passage, user_.host().fault());
    if (verdict.passes()) {
        write(copy, delivery);
    } else if (verdict.bounces()) {
        user_.host().router().bounce(copy, verdict.error());
    }
}

void Resource::end(const StreamError& error)
{
    if (pipe_ != nullptr) {
        std::exchange(pipe_, nullptr)->close(error);
    }
    end_in_turn();
}

Task<void> Resource::ended(Resource& resource)
{
    Oneshot<bool> end;
    resource.waiting_for_end_.push_back(std::make_unique<Oneshot<bool>::Sender>(end));
    co_await end;
}

void Resource::set_available(Stanza presence, std::int8_t priority)
{
    presence_ = std::move(presence);
    priority_ = priority;
}

Settlements& Resource::settlements()
{
    return user_.host().server().settlements();
}

// What passes without a side effect on others may be appended while earlier ones wait.
bool Resource::begins_early(const Item& item) const
{
    const auto* sent = std::get_if<Sent>(&item);
    return sent != nullptr && sent->stanza.kind == Kind::message && sent->stanza.again == 0 &&
           !user_.host().changing();
}

Step Resource::begin(Item& item)
{
    if (user_.host().changing()) {
        return Step::wait(begin_later(std::move(item)));
    }
    auto* const sent = std::get_if<Sent>(&item);
    if (sent == nullptr) {
        expire();
        return Step::over();
    }
    const Stanza& stanza = sent->stanza;
    if (stanza.kind == Kind::iq && stanza.answerable() && !all_settled()) {
        return Step::wait(pass_settled(std::move(*sent)));
    }
    return pass(*sent);
}

std::optional<Task<void>> Resource::finish(Item&& item, AppendOutcome outcome)
{
    auto& sent = std::get<Sent>(item);
    if (outcome != AppendOutcome::durable) {
        const Error error = append_error(outcome);
        user_.host().server().counters().not_kept(error.condition);
        user_.host().router().bounce(sent.stanza, error);
        return std::nullopt;
    }
    return user_.host().changing() ? std::optional{dispatch_later(std::move(sent))}
                                   : dispatch(std::move(sent));
}

Task<void> Resource::begin_later(Item item)
{
    Task<void> steady = user_.host().steady();
    co_await steady;
    Step step = begin(item);
    if (step.task()) {
        Task<void>& rest = *step.task();
        co_await rest;
    } else if (step.ticket()) {
        Task<void> rest = finish_later(std::move(std::get<Sent>(item)), *step.ticket());
        co_await rest;
    }
}

Task<void> Resource::finish_later(Sent sent, AppendTicket ticket)
{
    Task<AppendOutcome> settling = settlements().outcome(ticket);
    const AppendOutcome outcome = co_await settling;
    if (auto rest = finish(Item{std::move(sent)}, outcome)) {
        Task<void>& left = *rest;
        co_await left;
    }
}

Task<void> Resource::dispatch_later(Sent sent)
{
    Task<void> steady = user_.host().steady();
    co_await steady;
    if (auto rest = dispatch(std::move(sent))) {
        Task<void>& left = *rest;
        co_await left;
    }
}

Task<void> Resource::pass_settled(Sent sent)
{
    Task<void> settling = settle();
    co_await settling;
    Step step = pass(sent);
    if (step.task()) {
        Task<void>& rest = *step.task();
        co_await rest;
    } else if (step.ticket()) {
        Task<void> rest = finish_later(std::move(sent), *step.ticket());
        co_await rest;
    }
}

void Resource::lane_idle()
{
    if (paused_ && pipe_ != nullptr) {
        paused_ = false;
        pipe_->pause(false);
    }
    if (hibernation_ && (hibernation_->is_awaited() || hibernating())) {
        look_for_settled(0);
    }
}

Step Resource::pass(Sent& sent)
{
    Host& host = user_.host();
    Stanza& stanza = sent.stanza;
    Passage passage{user_, stanza, this, stanza.from, stanza.to};
    const Verdict verdict = host.hooks().from_account.run(passage, host.fault());
    if (verdict.bounces()) {
        host.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        return Step::over();
    }
    if (host.hooks().from_account_async.empty() && stanza.again == 0) {
        return keep(sent);
    }
    return Step::wait(keep_later(std::move(sent)));
}

Task<void> Resource::keep_later(Sent sent)
{
    Host& host = user_.host();
    Stanza& stanza = sent.stanza;
    Passage passage{user_, stanza, this, stanza.from, stanza.to};
    const Verdict verdict = co_await host.hooks().from_account_async.run(passage, host.fault());
    if (verdict.bounces()) {
        host.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        co_return;
    }
    Task<bool> recalling = recall(sent);
    sent.known = co_await recalling;
    const Step step = sent.known ? Step::finish_after(AppendTicket::none) : keep(sent);
    if (step.ticket()) {
        Task<void> rest = finish_later(std::move(sent), *step.ticket());
        co_await rest;
    }
}

// Whether it was kept before.
Task<bool> Resource::recall(Sent& sent)
{
    Stanza& stanza = sent.stanza;
    if (stanza.again == 0) {
        co_return false;
    }
    if (stanza.to.empty()) {
        stanza.to = user_.jid();
    }
    Host& host = user_.host();
    Keeping keeping{user_, stanza};
    const Verdict verdict = co_await host.hooks().recall_outgoing_async.run(keeping, host.fault());
    static_cast<void>(verdict);
    sent.stamp = std::move(keeping.stamp);
    co_return keeping.known;
}

Step Resource::keep(Sent& sent)
{
    Host& host = user_.host();
    Stanza& stanza = sent.stanza;
    if (stanza.kind != Kind::message || host.hooks().keep_outgoing.empty()) {
        return Step::finish_after(AppendTicket::none);
    }
    if (stanza.to.empty()) {
        stanza.to = user_.jid(); // RFC 6121 §8.1.1.1
    }
    Keeping keeping{user_, stanza};
    const Verdict verdict = host.hooks().keep_outgoing.run(keeping, host.fault());
    if (verdict.bounces()) {
        host.server().counters().not_kept(verdict.error().condition);
        host.router().bounce(stanza, verdict.error());
    }
    if (!verdict.passes()) {
        return Step::over();
    }
    sent.stamp = std::move(keeping.stamp);
    if (keeping.ticket != AppendTicket::none) {
        stanza.again = 0; // it is kept before it goes on, so it never went on before
    }
    return Step::finish_after(keeping.ticket);
}

std::optional<Task<void>> Resource::dispatch(Sent&& sent)
{
    Stanza& stanza = sent.stanza;
    if (stanza.kind == Kind::iq) {
        return dispatch_iq(std::move(stanza));
    }
    if (stanza.kind == Kind::presence && is_subscription(stanza.type)) {
        return subscribe(std::move(stanza));
    }
    if (stanza.to.empty()) {
        // RFC 6121 §8.1.1.1: as if addressed to the own account. Presence without an address
        // was seen to by the presence module; without that it reaches nobody.
        if (stanza.kind == Kind::presence) {
            return std::nullopt;
        }
        stanza.to = user_.jid();
    }
    if (stanza.kind == Kind::message) {
        if (!sent.known) {
            SentEvent event{user_, *this, stanza, sent.stamp};
            user_.host().hooks().sent.run(event, user_.host().fault());
        }
        forward(std::move(stanza));
    } else {
        user_.host().router().route(std::move(stanza));
    }
    return std::nullopt;
}

Task<void> Resource::subscribe(Stanza stanza)
{
    Passage passage{user_, stanza, this, stanza.from, stanza.to};
    const Verdict verdict =
        co_await user_.host().hooks().subscription_out_async.run(passage, user_.host().fault());
    if (verdict.bounces()) {
        user_.host().router().bounce(stanza, verdict.error());
    }
}

std::optional<Task<void>> Resource::dispatch_iq(Stanza&& stanza)
{
    Host& host = user_.host();
    if (stanza.type == Type::unknown) {
        host.router().bounce(stanza, Error{Condition::bad_request, "No such type of iq", {}, {}});
        return std::nullopt;
    }
    if (stanza.to.empty() || stanza.to == user_.jid()) {
        return host.answer(std::move(stanza), user_, this);
    }
    if (stanza.to.local().empty()) {
        if (Host* const asked = host.router().host(stanza.to.domain())) {
            return asked->receive_at_domain(std::move(stanza));
        }
    }
    host.router().route(std::move(stanza));
    return std::nullopt;
}

void Resource::expire()
{
    if (pipe_ != nullptr) {
        std::exchange(pipe_, nullptr)->close();
    }
    for (const auto& waiter : waiting_for_end_) {
        waiter->deliver(true);
    }
    if (hibernation_) {
        if (!look_for_settled(0) && !hibernation_->name().empty()) {
            user_.host().server().farewells().add(*this);
        }
        wake();
    }
    user_.unbind(*this);
    redistribute();
}

} // namespace sarang
