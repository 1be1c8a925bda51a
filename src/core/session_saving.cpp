// SPDX-License-Identifier: Apache-2.0
// SessionKeeper: how sessions are saved when the server ends.
#include "core/host.h"
#include "core/resource.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "core/session_keeper.h"
#include "core/user.h"
#include "net/shard.h"
#include "store/storage.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds poll = 5ms;
constexpr std::chrono::milliseconds longest_settling = 500ms;
constexpr std::chrono::milliseconds longest_saving = 600ms; // the server waits a second at least
constexpr std::size_t most_in_flight = 256;

bool is_settled(Resource& resource)
{
    return resource.handled() == resource.hibernation()->inbound.received();
}

} // namespace

bool SessionKeeper::all_settled()
{
    bool all = true;
    for (const auto& [number, resource] : server_.sessions()) {
        all = (!resource->hibernating() || is_settled(*resource)) && all;
    }
    return all;
}

// What clients sent is seen to as a rule; where it is not by then, nobody comes back.
Task<void> SessionKeeper::settle()
{
    for (auto waited = 0ms; waited < longest_settling && !all_settled(); waited += poll) {
        co_await server_.shard().sleep(poll);
    }
}

Task<void> SessionKeeper::settle_receipts()
{
    for (auto waited = 0ms; waited < longest_settling && !server_.receipts().empty();
         waited += poll) {
        co_await server_.shard().sleep(poll);
    }
}

Task<void> SessionKeeper::save_all()
{
    Task<void> settling = settle();
    co_await settling;
    Records records;
    for (const auto& host : server_.hosts()) {
        for (const auto& entry : host->users()) {
            if (auto bytes = saved(*entry.second)) {
                records.emplace_back(entry.second->jid().str(), std::move(*bytes));
            }
        }
    }
    const std::size_t accounts = records.size();
    latest_ = server_.clock().now() + longest_saving;
    Task<bool> listing = save_ends();
    const bool listed = co_await listing;
    if (!listed) {
        give_up_all(records);
    }
    Task<void> putting = put_all(records);
    co_await putting;
    if (gave_up_) {
        Task<void> keeping = settle_receipts();
        co_await keeping;
    }
    Task<void> forgetting = forget_ends_of_others();
    co_await forgetting;
    if (accounts > 0 && listed) {
        log_.info("sessions are saved {}", field("accounts", accounts));
    }
}

Task<void> SessionKeeper::put_all(Records& records)
{
    const std::size_t together = std::min(most_in_flight, records.size());
    for (std::size_t i = 0; i < together; ++i) {
        saving_.spawn(put_some(records));
    }
    Task<void> saving = saving_.close();
    co_await saving;
}

Task<void> SessionKeeper::put_some(Records& records)
{
    while (!records.empty()) {
        auto [account, bytes] = std::move(records.back());
        records.pop_back();
        Task<bool> putting = put(std::string{keeper_owner}, account, std::move(bytes));
        const bool done = co_await putting;
        if (!done) {
            give_up(account);
        }
    }
}

// Those of an account that cannot be saved end while there are modules that see to what they had.
void SessionKeeper::give_up(const std::string& account)
{
    const Jid jid = Jid::parse(account).value();
    Host* const host = server_.router().host(jid.domain());
    User* const user = host != nullptr ? host->find(jid.local()) : nullptr;
    std::vector<SessionId> frozen;
    for (std::size_t i = 0; user != nullptr && i < user->resources().size(); ++i) {
        if (user->resources()[i]->frozen()) {
            frozen.push_back(user->resources()[i]->id());
        }
    }
    for (const SessionId& id : frozen) {
        if (Resource* const resource = server_.session(id)) {
            gave_up_ = true;
            resource->thaw();
            resource->end(StreamError{StreamCondition::system_shutdown, {}});
        }
    }
}

void SessionKeeper::give_up_all(Records& records)
{
    for (const auto& [account, bytes] : std::exchange(records, {})) {
        give_up(account);
    }
}

// False where the list of the last end still stands, which the next start would take for this
// one's. Where the new one has no room there is none, and who starts looks for all accounts.
Task<bool> SessionKeeper::save_ends()
{
    const std::string mine = std::to_string(server_.shard().index());
    Task<bool> voiding = put(std::string{ends_owner}, mine, std::string{});
    const bool voided = co_await voiding;
    if (voided) {
        Task<bool> putting = put(std::string{ends_owner}, mine, encode(left_));
        static_cast<void>(co_await putting);
    }
    co_return voided;
}

// Of shards that are no more, the first one sees to it.
Task<void> SessionKeeper::forget_ends_of_others()
{
    Task<Result<std::vector<std::string>>> listing = server_.values().names(ends_owner);
    const Result<std::vector<std::string>> names = co_await listing;
    if (server_.shard().index() != 0 || !names) {
        co_return;
    }
    for (const std::string& name : *names) {
        if (std::strtoul(name.c_str(), nullptr, 10) >= server_.router().placement().shards()) {
            Task<Result<bool>> erasing = server_.values().erase(ends_owner, name);
            static_cast<void>(co_await erasing);
        }
    }
}

std::optional<std::string> SessionKeeper::saved(User& user)
{
    SavedSessions all;
    Places places;
    for (const auto& resource : user.resources()) {
        if (resource->resumable() && resource->hibernating()) {
            all.sessions.push_back(saved(*resource, all, places));
        }
    }
    if (all.sessions.empty()) {
        return std::nullopt;
    }
    const auto first = std::ranges::min_element(all.sessions, {}, &SavedSession::until);
    left_.push_back({first->until, std::string{user.jid().str()}});
    return encode(all);
}

SavedSession SessionKeeper::saved(Resource& resource, SavedSessions& all, Places& places)
{
    resource.freeze(); // modules may write more than it can take
    Host& host = resource.user().host();
    ResourceEvent event{resource.user(), resource};
    host.hooks().resource_saving.run(event, host.fault());
    const Hibernation& state = *resource.hibernation();
    SavedSession session;
    session.resource = resource.jid().resource();
    session.name = state.name();
    session.limit = state.limit;
    session.until = state.until;
    session.settled = state.settled;
    if (!is_settled(resource)) { // it only gives up what it has
        session.name.clear();
        session.until = host.clock().wall();
    }
    session.sent = state.queue.sent();
    session.written = state.queue.written();
    session.presence = resource.presence();
    session.priority = resource.available() ? resource.priority() : std::int8_t{0};
    session.repeats_since = resource.repeats_since();
    session.repeats_left = resource.repeats_left();
    session.slots = host.parts_of(resource);
    for (const StreamQueue::Entry& entry : state.queue.entries()) {
        session.queue.push_back(saved(entry, all, places));
    }
    return session;
}

SavedSession::Entry
SessionKeeper::saved(const StreamQueue::Entry& entry, SavedSessions& all, Places& places)
{
    SavedSession::Entry kept{entry.stanza, entry.time};
    if (kept.stanza.entry != 0) {
        kept.stanza.payload = {};
        kept.stanza.hidden = 0; // the archive has only what is shown
    }
    if (entry.delivery) {
        const auto next = static_cast<std::uint32_t>(places.size() + 1);
        const auto [place, fresh] = places.try_emplace(entry.delivery.get(), next);
        kept.delivery = place->second;
        if (fresh) {
            all.deliveries.push_back({entry.delivery->taken(), entry.delivery->original()});
        }
    }
    return kept;
}

Task<bool> SessionKeeper::put(std::string owner, std::string name, std::string bytes)
{
    for (;;) {
        Task<Result<void>> putting = server_.values().put(owner, name, bytes);
        const Result<void> done = co_await putting;
        if (done) {
            co_return true;
        }
        if (done.error().condition != Condition::resource_constraint ||
            server_.clock().now() >= latest_) {
            log_.error("sessions cannot be saved {}: {}", field("of", name), done.error().cause);
            co_return false;
        }
        co_await server_.shard().sleep(poll); // there may be too much at the moment
    }
}

} // namespace sarang
