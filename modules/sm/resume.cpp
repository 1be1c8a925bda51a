// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §5: how a client comes back to its session.
#include "core/server_shard.h"

#include "modules/sm/sm.h"
#include "modules/sm/words.h"

namespace sarang {

Task<Verdict> StreamManagement::take_before_bind(LoginElement& event)
{
    if (event.element.is(sm_ns, "enable")) {
        event.answer = failed(Condition::unexpected_request);
        co_return Verdict::done();
    }
    if (!event.element.is(sm_ns, "resume")) {
        co_return Verdict::pass();
    }
    const std::optional<std::uint32_t> h = unsigned_int(event.element.attribute("h"));
    if (h) {
        Task<void> resuming = resume(event, *h);
        co_await resuming;
    } else {
        event.answer = failed(Condition::bad_request);
    }
    co_return Verdict::done();
}

// Again where another client came first, or more has to be written. A client that is told too
// little sends again what it should not; one that is told what a crash may take loses it.
Task<void> StreamManagement::resume(LoginElement& event, std::uint32_t h)
{
    const std::string name{event.element.attribute("previd")};
    for (;;) {
        Resource* const found = find(event.user, name);
        if (found == nullptr) {
            Task<void> answering = not_found(event, name);
            co_await answering;
            co_return;
        }
        StreamQueue& queue = found->hibernation()->queue;
        if (!queue.acknowledge(h)) {
            event.error = too_high(h, queue.written());
            co_return;
        }
        found->detach(StreamError{StreamCondition::conflict, "Resumed elsewhere"});
        Task<Resource*> settling = Resource::all_handled(host().server(), found->id());
        Resource* const resource = co_await settling;
        if (resource == nullptr) {
            continue;
        }
        Hibernation& state = *resource->hibernation();
        if (tellable(*resource) == state.settled) {
            event.resumed = resource->id();
            state.told = state.settled;
            event.answer = counted("resumed", state.told);
            event.answer->set("previd", name);
            co_return;
        }
        Task<bool> writing = write(event.user.jid());
        const bool written = co_await writing;
        if (!written) {
            event.error = StreamError{StreamCondition::resource_constraint, {}};
            co_return;
        }
    }
}

Resource* StreamManagement::find(User& user, const std::string& name)
{
    for (const auto& resource : user.resources()) {
        const Hibernation* const state = resource->hibernation();
        if (state != nullptr && !name.empty() && state->name() == name && resource->reachable()) {
            return resource.get();
        }
    }
    return nullptr;
}

// How much of what it sent is settled, and whether it may send more of it again.
Task<void> StreamManagement::not_found(LoginElement& event, std::string name)
{
    event.answer = failed(Condition::item_not_found);
    Task<void> settling = host().server().farewells().settled(name);
    co_await settling;
    const Mark* mark = mark_of(event.user, name);
    if (mark != nullptr && mark->durable != mark->settled) {
        Task<bool> writing = write(event.user.jid());
        static_cast<void>(co_await writing);
        mark = mark_of(event.user, name);
    }
    if (mark == nullptr) {
        co_return;
    }
    event.answer->set("h", std::to_string(mark->durable));
    if (!mark->all) {
        event.lost_since = mark->since;
    }
}

void StreamManagement::ended(const ResourceEvent& event)
{
    const Hibernation* const state = event.resource.hibernation();
    Mark* const mark = state != nullptr ? mark_of(event.resource) : nullptr;
    if (mark == nullptr) {
        return;
    }
    mark->all = state->settled == state->inbound.received();
    mark->used = host().clock().wall();
    static_cast<void>(tellable(event.resource));
    if (mark->all) {
        write_soon(event.resource.user());
    }
}

// Before a client is told what is settled of it: what was on its way to others is no loss.
void StreamManagement::ended_settled(const EndedSession& event)
{
    if (Mark* const mark = mark_of(event.user, event.name)) {
        mark->settled = event.sent;
        mark->all = true;
        write_soon(event.user);
    }
}

} // namespace sarang
