// SPDX-License-Identifier: Apache-2.0
#include "modules/sm/sm.h"

#include "base/id.h"
#include "core/server_shard.h"
#include "net/shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/sm/words.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

// One who is there and reads may be told much before he can acknowledge any of it.
constexpr unsigned more_while_there = 8;

} // namespace

StreamManagement::StreamManagement(Host& host)
    : Module{host}
    , resume_timeout_{options().duration(
          "resume_timeout", 5min, {0s, 24h}, "how long a session waits for its client")}
    , max_queue_{options().integer(
          "max_queue", 1000, {1, 1'000'000}, "stanzas that a client may not acknowledge")}
    , max_queue_size_{options().size(
          "max_queue_size", 512U << 10U, {1U << 10U, 1U << 30U}, "the same in bytes")}
    , ask_after_{options().integer(
          "ask_after", 5, {1, 100'000}, "stanzas after which a client is asked for more")}
    , ask_size_{options().size("ask_size", 16U << 10U, {0, 1U << 30U}, "the same in bytes")}
    , ask_quiet_{options().duration("ask_quiet", 5s, {10ms, 1h}, "when it is asked for less")}
    , kept_{store<Marks>("marks")}
    , known_{slot<Known>("known")}
{
    stream_feature(Element{sm_ns, "sm"});
    on(hooks().load_async, &StreamManagement::load);
    on(hooks().element, &StreamManagement::take);
    on(hooks().login_element_async, &StreamManagement::take_before_bind);
    on(hooks().resource_written, &StreamManagement::written);
    on(hooks().resource_settled, &StreamManagement::settled);
    on(hooks().resource_resumed, &StreamManagement::resumed);
    on(hooks().resource_ended, &StreamManagement::ended);
    on(hooks().ended_settled, &StreamManagement::ended_settled);
    on(hooks().unacknowledged, &StreamManagement::give_back);
    undo([this] { forget_the_quiet(); });
}

Verdict StreamManagement::take(ElementArrival& arrival)
{
    const std::string& name = arrival.element.name();
    Resource& resource = arrival.resource;
    if (arrival.element.ns() != sm_ns) {
        return Verdict::pass();
    }
    if (name == "enable") {
        take_enable(arrival);
    } else if (name == "resume") {
        arrival.answer = failed(Condition::unexpected_request);
    } else if (resource.hibernation() == nullptr) {
        return Verdict::pass();
    } else if (name == "r" && resource.hibernation()->held_back()) {
        resource.hibernation()->requested = true;
    } else if (name == "r") {
        arrival.answer = acknowledge(resource);
    } else if (name == "a") {
        arrival.error = acknowledged(*resource.hibernation(), arrival.element);
    } else {
        return Verdict::pass();
    }
    return Verdict::done();
}

// XEP-0198 §3: a second one is a stream error.
void StreamManagement::take_enable(ElementArrival& arrival)
{
    Resource& resource = arrival.resource;
    if (resource.hibernation() != nullptr) {
        arrival.error = StreamError{StreamCondition::policy_violation, "It is enabled"};
        return;
    }
    resource.keep_unacknowledged();
    const std::uint32_t limit = time_for(resource, arrival.element);
    if (limit == 0) {
        arrival.answer = Element{sm_ns, "enabled"};
        return;
    }
    resource.hold_back();
    spawn(enable(resource.id(), limit));
}

// 0: it is not to come back.
std::uint32_t StreamManagement::time_for(Resource& resource, const Element& wish) const
{
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(*resume_timeout_);
    // Who comes anonymously comes as somebody else the next time.
    if (!is_true(wish.attribute("resume")) || most < 1s || resource.user().transient()) {
        return 0;
    }
    const auto longest = static_cast<std::uint32_t>(most.count());
    const std::uint32_t asked = unsigned_int(wish.attribute("max")).value_or(longest);
    return asked == 0 ? longest : std::min(asked, longest);
}

// The client learns its name once a crash cannot take it. It counts what comes after that.
Task<void> StreamManagement::enable(SessionId session, std::uint32_t limit)
{
    Resource* resource = host().server().session(session);
    const std::string name = random_id();
    begin_mark(*resource, name);
    Task<bool> writing = write(resource->user().jid());
    const bool written = co_await writing;
    resource = host().server().session(session);
    if (resource == nullptr || resource->pipe() == nullptr) {
        co_return;
    }
    Hibernation& state = *resource->hibernation();
    Element enabled{sm_ns, "enabled"};
    if (written) {
        state.limit = std::chrono::duration<std::uint32_t>{limit};
        state.name(name);
        enabled.set("id", name).set("resume", "true").set("max", std::to_string(limit));
    }
    resource->pipe()->write(enabled);
    resource->release();
    if (state.requested) {
        resource->pipe()->write(acknowledge(*resource));
    }
}

// XEP-0198 §4: at once, with what is settled by now; what is settled later is told then.
Element StreamManagement::acknowledge(Resource& resource)
{
    Hibernation& state = *resource.hibernation();
    state.awaited = state.told;
    static_cast<void>(resource.handled());
    state.told = tellable(resource);
    state.awaited = state.inbound.received();
    return counted("a", state.told);
}

void StreamManagement::settled(const ResourceEvent& event)
{
    const Hibernation& state = *event.resource.hibernation();
    if (state.told != state.awaited && event.resource.pipe() != nullptr && !state.held_back()) {
        tell(event.resource, tellable(event.resource));
    }
}

std::optional<StreamError>
StreamManagement::acknowledged(Hibernation& state, const Element& element)
{
    const std::optional<std::uint32_t> h = unsigned_int(element.attribute("h"));
    if (!h) {
        return StreamError{StreamCondition::bad_format, "How many?"};
    }
    if (!state.queue.acknowledge(*h)) {
        return too_high(*h, state.queue.written());
    }
    return std::nullopt;
}

void StreamManagement::written(const ResourceEvent& event)
{
    Resource& resource = event.resource;
    Hibernation& state = *resource.hibernation();
    const StreamQueue& queue = state.queue;
    if (is_full(queue, resource.pipe() != nullptr)) {
        end(resource);
        return;
    }
    const std::uint32_t unasked = queue.sent() - state.asked;
    const bool answered = unasked >= queue.size();
    if (unasked >= *ask_after_ || (answered && queue.bytes() >= *ask_size_)) {
        ask(resource);
    } else if (!std::exchange(state.noted, true)) {
        quiet_.push_back(resource.id());
        if (!asking_.scheduled()) {
            asking_.schedule(host().shard().timers(), *ask_quiet_);
        }
    }
}

// What it was written while it was there counts no more once it is away: it may have been much, and
// it is not lost for that.
bool StreamManagement::is_full(const StreamQueue& queue, bool is_there) const
{
    const auto most = static_cast<std::size_t>(*max_queue_);
    if (is_there) {
        return queue.size() > more_while_there * most ||
               queue.bytes_before_newest() > more_while_there * *max_queue_size_;
    }
    return queue.unwritten() > most || queue.unwritten_bytes_before_newest() > *max_queue_size_;
}

// What the client did not acknowledge goes elsewhere then.
void StreamManagement::end(Resource& resource)
{
    if (!std::exchange(resource.hibernation()->full, true)) {
        resource.end_soon({StreamCondition::policy_violation, "You do not acknowledge"});
    }
}

void StreamManagement::ask(Resource& resource)
{
    Hibernation& state = *resource.hibernation();
    if (resource.pipe() != nullptr && !state.held_back()) {
        state.asked = state.queue.sent();
        resource.pipe()->write(Element{sm_ns, "r"});
    }
}

void StreamManagement::ask_the_quiet()
{
    for (const SessionId& session : std::exchange(quiet_, {})) {
        if (Resource* const resource = host().server().session(session)) {
            Hibernation& state = *resource->hibernation();
            state.noted = false;
            if (!state.queue.empty() && state.asked != state.queue.sent()) {
                ask(*resource);
            }
        }
    }
}

// The module that follows notes them anew.
void StreamManagement::forget_the_quiet()
{
    for (const SessionId& session : quiet_) {
        if (Resource* const resource = host().server().session(session)) {
            resource->hibernation()->noted = false;
        }
    }
}

void StreamManagement::resumed(const ResourceEvent& event)
{
    if (!event.resource.hibernation()->queue.empty()) {
        ask(event.resource);
    }
}

} // namespace sarang

SARANG_MODULE(sarang::StreamManagement)
