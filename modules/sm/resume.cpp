// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §5: how a client comes back to its session.
#include "core/server_shard.h"

#include "modules/sm/sm.h"
#include "modules/sm/words.h"

namespace sarang {
namespace {

constexpr std::size_t most_former = 8;

} // namespace

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

// Again where another client came first.
Task<void> StreamManagement::resume(LoginElement& event, std::uint32_t h)
{
    const std::string name{event.element.attribute("previd")};
    Resource* resource = nullptr;
    while (resource == nullptr) {
        Resource* const found = find(event.user, name);
        if (found == nullptr) {
            event.answer = not_found(event.user, name);
            co_return;
        }
        StreamQueue& queue = found->hibernation()->queue;
        if (!queue.acknowledge(h)) {
            event.error = too_high(h, queue.written());
            co_return;
        }
        found->detach(StreamError{StreamCondition::conflict, "Resumed elsewhere"});
        Task<Resource*> settling = Resource::all_handled(host().server(), found->id());
        resource = co_await settling;
    }
    event.resumed = resource->id();
    Hibernation& state = *resource->hibernation();
    state.told = state.settled;
    event.answer = counted("resumed", state.told);
    event.answer->set("previd", name);
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

Element StreamManagement::not_found(User& user, const std::string& name)
{
    Element answer = failed(Condition::item_not_found);
    if (const std::vector<Former>* const known = user.find(former_)) {
        for (const Former& former : *known) {
            if (former.name == name) {
                answer.set("h", std::to_string(former.h));
            }
        }
    }
    return answer;
}

void StreamManagement::ended(const ResourceEvent& event)
{
    const Hibernation* const state = event.resource.hibernation();
    if (state == nullptr || state->name().empty() || state->settled != state->inbound.received()) {
        return;
    }
    std::vector<Former>& known = event.user[former_];
    if (known.size() == most_former) {
        known.erase(known.begin());
    }
    known.push_back({std::string{state->name()}, state->settled});
}

} // namespace sarang
