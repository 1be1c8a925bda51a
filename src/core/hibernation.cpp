// SPDX-License-Identifier: Apache-2.0
// Resource's part in core/hibernation.h: what is written and not acknowledged, what of the client's
// is settled, and the time without a pipe.
#include "core/hibernation.h"

#include "core/delay.h"
#include "core/host.h"
#include "core/resource.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "net/shard.h"

#include <algorithm>
#include <utility>

namespace sarang {
namespace {

constexpr std::uint8_t ack_question = 1;

} // namespace

Hibernation& Resource::keep_unacknowledged()
{
    hibernation_ = std::make_unique<Hibernation>();
    for (; behind_put_off_ > 0; --behind_put_off_) {
        hibernation_->inbound.submit(); // came behind the element that is seen to only now
    }
    return *hibernation_;
}

void Resource::hold_back()
{
    hibernation_->held_back_ = true;
}

void Resource::release()
{
    hibernation_->held_back_ = false;
    write_queue();
}

void Resource::write_queue()
{
    for (const StreamQueue::Entry& entry : hibernation_->queue.entries()) {
        pipe_->write(entry.stanza);
    }
    hibernation_->queue.all_written();
}

void Resource::write(const Stanza& stanza, const Ref<Delivery>& delivery)
{
    if (!reachable()) {
        return;
    }
    const bool held_back = hibernation_ && hibernation_->held_back_;
    const bool written = pipe_ != nullptr && !held_back;
    if (written) {
        pipe_->write(stanza);
    }
    if (!hibernation_) {
        if (delivery) {
            delivery->take();
        }
        return;
    }
    if (delivery) {
        delivery->keep();
    }
    StreamQueue::Entry entry{stanza, user_.host().clock().wall(), delivery};
    if (written) {
        hibernation_->queue.push(std::move(entry));
    } else {
        hibernation_->queue.push_unwritten(std::move(entry));
    }
    ResourceEvent event{user_, *this};
    user_.host().hooks().resource_written.run(event, user_.host().fault());
}

void Resource::receive(Element&& element)
{
    Host& host = user_.host();
    if (host.changing()) {
        ++put_off_;
        host.gate().spawn(receive_later(host, id_, std::move(element)));
        return;
    }
    ElementArrival arrival{*this, element};
    const Verdict verdict = host.hooks().element.run(arrival, host.fault());
    if (arrival.error) {
        end(*arrival.error);
    } else if (!verdict.passes() && !verdict.bounces()) {
        if (arrival.answer && pipe_ != nullptr) {
            pipe_->write(*arrival.answer);
        }
    } else {
        end(StreamError{StreamCondition::unsupported_stanza_type, {}});
    }
}

Task<void> Resource::receive_later(Host& host, SessionId session, Element element)
{
    Task<void> steady = host.steady();
    co_await steady;
    Resource* const resource = host.server().session(session);
    if (resource == nullptr) {
        co_return;
    }
    --resource->put_off_;
    if (resource->pipe_ != nullptr) {
        resource->receive(std::move(element));
    }
    if (resource->put_off_ == 0) {
        resource->behind_put_off_ = 0;
    }
}

void Resource::refuse(const Stanza& stanza, const Error& error)
{
    if (hibernation_) {
        hibernation_->inbound.refuse(lane_.inside());
    }
    if (stanza.answerable()) {
        write(stanza.error_reply(error), {});
    }
}

void Resource::end_soon(StreamError error)
{
    user_.host().gate().spawn(end_later(user_.host().server(), id_, std::move(error)));
}

Task<void> Resource::end_later(ServerShard& server, SessionId session, StreamError error)
{
    co_await yield();
    if (Resource* const resource = server.session(session)) {
        resource->end(error);
    }
}

// True when the session goes on without a pipe, for a time.
bool Resource::hibernate()
{
    if (!hibernating() || hibernation_->limit.count() == 0) {
        return false;
    }
    sleep_until(user_.host().clock().wall() + hibernation_->limit);
    look_for_settled(lane_.inside()); // others need a while to answer, and its end does not wait
    return true;
}

void Resource::sleep_until(Clock::Wall until)
{
    using Left = std::chrono::milliseconds;
    if (!hibernation_->asleep_) {
        hibernation_->asleep_ = std::make_unique<Timer>(Timer::calls<&Resource::time_out>(*this));
        user_.host().server().counters().hibernating.add();
    }
    hibernation_->until = until;
    const Left left = until - user_.host().clock().wall();
    const Left most = hibernation_->limit;
    if (left <= Left{0}) {
        time_out(); // from before a restart: before anything else comes for the account
        return;
    }
    hibernation_->asleep_->schedule(user_.host().shard().timers(), std::clamp(left, Left{0}, most));
}

void Resource::wake()
{
    if (hibernation_->asleep_) {
        hibernation_->asleep_.reset();
        user_.host().server().counters().hibernating.subtract();
    }
    tell_waiting();
}

void Resource::stop_waiting()
{
    hibernation_->asleep_->cancel();
}

void Resource::freeze()
{
    frozen_ = true;
    hibernation_->asleep_->cancel();
}

void Resource::time_out()
{
    user_.host().server().counters().timed_out.add();
    end_in_turn();
}

void Resource::detach(const StreamError& error)
{
    if (pipe_ != nullptr) {
        pipe_->close(error);
    }
    pipe_gone();
}

void Resource::attach(Pipe& pipe)
{
    wake();
    pipe_ = &pipe;
    paused_ = false;
    write_queue();
    user_.host().server().counters().resumed.add();
    ResourceEvent event{user_, *this};
    user_.host().hooks().resource_resumed.run(event, user_.host().fault());
}

std::uint32_t Resource::handled()
{
    static_cast<void>(look_for_settled(lane_.inside()));
    return hibernation_->settled;
}

// Asks those who do not answer at once. True when all that came is settled.
bool Resource::look_for_settled(std::size_t inside)
{
    Hibernation& state = *hibernation_;
    const std::uint32_t passed = state.inbound.passed(inside);
    if (state.questions_ == 0 && passed != state.settled) {
        if (state.sent_to_ == 0 && user_.host().server().receipts().settled(id_)) {
            more_settled(passed);
        } else {
            ask_for_settled(passed);
        }
    }
    return state.settled == state.inbound.received();
}

void Resource::ask_for_settled(std::uint32_t mark)
{
    Hibernation& state = *hibernation_;
    Router& router = user_.host().router();
    for (unsigned shard = 0; shard < router.placement().shards(); ++shard) {
        if (shard == id_.shard || (state.sent_to_ & shard_bit(shard)) != 0) {
            router.send(shard, AwaitSettled{id_, ack_question});
            ++state.questions_;
        }
    }
    state.sent_to_ = 0;
    state.mark_ = mark;
}

void Resource::count_settled()
{
    if (--hibernation_->questions_ > 0) {
        return;
    }
    more_settled(hibernation_->mark_);
    if (hibernation_->is_awaited() || hibernating()) {
        look_for_settled(lane_.inside());
    }
}

void Resource::more_settled(std::uint32_t count)
{
    hibernation_->settled = count;
    ResourceEvent event{user_, *this};
    user_.host().hooks().resource_settled.run(event, user_.host().fault());
    tell_waiting();
}

void Resource::tell_waiting()
{
    for (auto& waiting : hibernation_->waiting_) {
        waiting.deliver(true);
    }
    hibernation_->waiting_.clear();
}

Task<Resource*> Resource::all_handled(ServerShard& server, SessionId session)
{
    for (;;) {
        Resource* const resource = server.session(session);
        if (resource == nullptr || !resource->hibernating()) {
            co_return nullptr;
        }
        if (resource->look_for_settled(resource->lane_.inside())) {
            co_return resource;
        }
        Oneshot<bool> more;
        resource->hibernation_->waiting_.emplace_front(more);
        co_await more;
    }
}

// The session has ended; what its client may not have got is for others, or to be kept.
void Resource::redistribute()
{
    if (!hibernation_) {
        return;
    }
    Host& host = user_.host();
    for (StreamQueue::Entry& entry : hibernation_->queue.take()) {
        if (entry.delivery && !entry.delivery->give_up()) {
            continue;
        }
        if (entry.delivery && entry.delivery->original()) {
            entry.stanza = *entry.delivery->original();
        }
        Stanza& stanza = entry.stanza;
        Passage passage{user_, stanza, this, stanza.from, stanza.to};
        const Verdict verdict = host.hooks().unacknowledged.run(passage, host.fault());
        if (verdict.bounces()) {
            host.router().bounce(stanza, verdict.error());
        } else if (verdict.passes() && stanza.kind == Kind::message) {
            if (!is_delayed(stanza)) {
                add_delay(stanza, host.domain(), entry.time);
            }
            stanza.to = user_.jid();
            user_.deliver_again(std::move(stanza), id_);
        }
    }
}

} // namespace sarang
