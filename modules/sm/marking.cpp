// SPDX-License-Identifier: Apache-2.0
// XEP-0198 across a crash: what clients are told is on the disk first.
#include "core/server.h"
#include "core/server_shard.h"
#include "net/shard.h"
#include "store/storage.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/sm/sm.h"
#include "modules/sm/words.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

// What comes to be settled meanwhile goes with it, of all sessions: so many writes a second at the
// most, however many acknowledgements.
constexpr Milliseconds gather = 20ms;

constexpr Milliseconds after_failure = 1s;
constexpr unsigned most_in_flight = 128;

} // namespace

// Without it, clients of former sessions begin anew, and none is promised that it may come back.
Task<Verdict> StreamManagement::load(const UserEvent& event)
{
    const std::string owner{event.user.jid().str()};
    if (event.user.transient() || event.user.find(known_) != nullptr) {
        co_return Verdict::pass();
    }
    Task<Result<std::optional<std::string>>> loading = storage().values().get(owner, kept_.name());
    const Result<std::optional<std::string>> kept = co_await loading;
    if (!kept) {
        log().error(
            "what was known of sessions cannot be read {}: {}",
            field("account", owner),
            kept.error().cause);
        event.user[known_].unread = true;
    } else if (*kept) {
        take_over(event.user, **kept);
    }
    co_return Verdict::pass();
}

// What is damaged will not be read later either: new marks take its place.
void StreamManagement::take_over(User& user, std::string_view kept)
{
    std::optional<Marks> marks = Codec<Marks>::decode(kept);
    if (!marks) {
        log().error(
            "what was known of sessions is damaged, and dropped {}",
            field("account", user.jid().str()));
        return;
    }
    for (Mark& mark : marks->sessions) {
        mark.used = std::max(mark.used, host().server().server().started_at());
    }
    user[known_].marks = std::move(*marks);
    write_what_waits(user);
}

// Of sessions that were there before this instance of the module.
void StreamManagement::write_what_waits(User& user)
{
    for (const auto& resource : user.resources()) {
        if (resource->hibernation() != nullptr) {
            static_cast<void>(tellable(*resource));
        }
    }
}

Mark* StreamManagement::mark_of(User& user, std::string_view name)
{
    Known* const known = user.find(known_);
    return known != nullptr && !name.empty() ? known->marks.find(name) : nullptr;
}

Mark* StreamManagement::mark_of(Resource& resource)
{
    return mark_of(resource.user(), resource.hibernation()->name());
}

void StreamManagement::begin_mark(Resource& resource, std::string name)
{
    User& user = resource.user();
    Marks& marks = user[known_].marks;
    const Clock::Wall now = host().clock().wall();
    marks.tidy(now, [&user](const Mark& mark) { return find(user, mark.name) != nullptr; });
    Mark& mark = marks.sessions.emplace_back();
    mark.name = std::move(name);
    mark.settled = mark.durable = resource.hibernation()->told;
    mark.since = resource.repeats_since().value_or(now);
    mark.used = now;
}

// Of what is settled, as much as may be told: the disk has it. Who cannot come back is told all.
std::uint32_t StreamManagement::tellable(Resource& resource)
{
    const Hibernation& state = *resource.hibernation();
    if (state.name().empty()) {
        return state.settled;
    }
    if (mark_of(resource) == nullptr) {
        begin_mark(resource, std::string{state.name()});
    }
    Mark& mark = *mark_of(resource);
    if (mark.settled != state.settled) {
        mark.settled = state.settled;
        write_soon(resource.user());
    }
    return mark.durable;
}

void StreamManagement::tell(Resource& resource, std::uint32_t h)
{
    Hibernation& state = *resource.hibernation();
    if (state.told != h) {
        state.told = h;
        resource.pipe()->write(counted("a", h));
    }
}

void StreamManagement::write_soon(const User& user)
{
    unwritten_.insert(user.jid());
    if (!writing_.scheduled()) {
        writing_.schedule(host().shard().timers(), gather);
    }
}

void StreamManagement::write_marks()
{
    for (; !unwritten_.empty() && in_flight_ < most_in_flight; ++in_flight_) {
        spawn(write_in_turn(*unwritten_.begin()));
        unwritten_.erase(unwritten_.begin());
    }
}

Task<void> StreamManagement::write_in_turn(Jid account)
{
    co_await yield();
    Task<bool> writing = write(std::move(account));
    static_cast<void>(co_await writing);
    --in_flight_;
    if (!writing_.scheduled()) {
        write_marks();
    }
}

// By themselves: what others wait for does not wait for these.
void StreamManagement::write_again()
{
    unwritten_.merge(failed_);
    write_marks();
}

void StreamManagement::write_failed(const Jid& account, const Error& error)
{
    if (!std::exchange(failing_, true)) {
        log().error(
            "what is settled cannot be written, {} and maybe others: {}",
            field("account", account.str()),
            error.cause);
    }
    failed_.insert(account);
    if (!failures_.scheduled()) {
        failures_.schedule(host().shard().timers(), after_failure);
    }
}

Task<bool> StreamManagement::write(Jid account)
{
    User* user = host().find(account.local());
    if (user == nullptr || user->find(known_) == nullptr || user->outdated()) {
        co_return false;
    }
    unwritten_.erase(account);
    if (user->find(known_)->unread) {
        co_return false;
    }
    const Marks marks = user->find(known_)->marks;
    const std::string owner{account.str()};
    Task<Result<void>> saving = kept_.save(owner, marks);
    const Result<void> saved = co_await saving;
    user = host().find(account.local());
    if (!saved) {
        write_failed(account, saved.error());
        co_return false;
    }
    failing_ = failing_ && !failed_.empty();
    if (user != nullptr) {
        written_for(*user, marks);
    }
    co_return true;
}

void StreamManagement::written_for(User& user, const Marks& marks)
{
    Known* const known = user.find(known_);
    if (known == nullptr) {
        return;
    }
    known->marks.now_durable(marks);
    for (const auto& resource : user.resources()) {
        const Hibernation* const state = resource->hibernation();
        if (state != nullptr && resource->pipe() != nullptr && !state->held_back() &&
            state->told != state->awaited && mark_of(*resource) != nullptr) {
            tell(*resource, mark_of(*resource)->durable);
        }
    }
}

} // namespace sarang
