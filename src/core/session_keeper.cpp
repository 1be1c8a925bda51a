// SPDX-License-Identifier: Apache-2.0
// SessionKeeper: how what was saved comes back.
#include "core/session_keeper.h"

#include "core/host.h"
#include "core/resource.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "net/shard.h"
#include "store/storage.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds soonest = 5ms;
constexpr std::chrono::milliseconds look_again_after = 1min;

/// id of an entry -> what stands inside its stanza.
using Payloads = std::unordered_map<std::uint64_t, Ref<Payload>>;

std::vector<ArchiveId> archived_in(const std::vector<SavedSession>& sessions)
{
    std::vector<ArchiveId> ids;
    for (const SavedSession& session : sessions) {
        for (const SavedSession::Entry& entry : session.queue) {
            if (entry.stanza.entry != 0) {
                ids.push_back(ArchiveId{entry.stanza.entry});
            }
        }
    }
    std::ranges::sort(ids);
    const auto last = std::unique(ids.begin(), ids.end());
    ids.erase(last, ids.end());
    return ids;
}

Ref<Payload> payload_of(const ArchiveEntry& entry)
{
    const Result<Element> message = Element::read(entry.stanza);
    if (!message) {
        return {};
    }
    std::vector<Element> children;
    for (const Element* child : message->children()) {
        children.push_back(*child);
    }
    return Payload::make(children);
}

StreamQueue queue_of(SavedSession& session, const std::vector<Ref<Delivery>>& deliveries)
{
    const auto size = static_cast<std::uint32_t>(session.queue.size());
    std::uint32_t number = session.sent - size;
    StreamQueue queue{number};
    for (SavedSession::Entry& entry : session.queue) {
        const Ref<Delivery> delivery =
            entry.delivery != 0 ? deliveries[entry.delivery - 1] : Ref<Delivery>{};
        if (delivery) {
            delivery->keep();
        }
        ++number;
        const bool written = static_cast<std::int32_t>(session.written - number) >= 0;
        StreamQueue::Entry again{std::move(entry.stanza), entry.time, delivery};
        written ? queue.push(std::move(again)) : queue.push_unwritten(std::move(again));
    }
    return queue;
}

void give_slots(Resource& resource, SavedSession& session)
{
    for (auto& [name, bytes] : session.slots) {
        resource.user().host().give_part(resource, name, std::move(bytes));
    }
}

} // namespace

SessionKeeper::SessionKeeper(ServerShard& server)
    : server_{server}
{}

void SessionKeeper::start()
{
    looking_.spawn(find_left());
}

Task<void> SessionKeeper::close()
{
    late_.cancel();
    return looking_.close();
}

Task<void> SessionKeeper::erase(std::string account)
{
    Task<Result<bool>> erasing = server_.values().erase(keeper_owner, account);
    const Result<bool> erased = co_await erasing;
    forgotten_.erase(account);
    if (!erased) {
        log_.error(
            "saved sessions cannot be removed {}: {}",
            field("account", account),
            erased.error().cause);
    }
}

void SessionKeeper::forget(const Jid& account)
{
    forgotten_.emplace(account.str());
    looking_.spawn(erase(std::string{account.str()}));
}

Task<std::optional<SavedSessions>> SessionKeeper::read(std::string account)
{
    Task<Result<std::optional<std::string>>> getting = server_.values().get(keeper_owner, account);
    const Result<std::optional<std::string>> bytes = co_await getting;
    if (!bytes) {
        log_.error(
            "saved sessions cannot be read {}: {}", field("account", account), bytes.error().cause);
        look_again(account);
    }
    if (!bytes || !*bytes || forgotten_.contains(account)) {
        co_return std::nullopt;
    }
    std::optional<SavedSessions> saved = decode_sessions(**bytes);
    if (!saved) {
        log_.error("saved sessions are damaged, and dropped {}", field("account", account));
        Task<void> erasing = erase(account);
        co_await erasing;
    }
    co_return std::move(saved);
}

// What cannot be made whole stays where it is.
Task<std::optional<SavedSessions>> SessionKeeper::take(std::string account)
{
    Task<std::optional<SavedSessions>> reading = read(account);
    std::optional<SavedSessions> saved = co_await reading;
    if (!saved) {
        co_return std::nullopt;
    }
    Task<bool> filling = fill_in(account, saved->sessions);
    const bool filled = co_await filling;
    if (!filled) {
        look_again(account);
        co_return std::nullopt;
    }
    Task<Result<bool>> erasing = server_.values().erase(keeper_owner, account);
    const Result<bool> erased = co_await erasing;
    if (!erased) {
        log_.error(
            "saved sessions stay where they are {}: {}",
            field("account", account),
            erased.error().cause);
        look_again(account);
        co_return std::nullopt;
    }
    co_return std::move(saved);
}

// What comes back must not come back again after a crash, so it is removed first; nothing may fail
// between that and here.
Task<void> SessionKeeper::bring_back(User& user)
{
    const std::string account{user.jid().str()};
    Task<std::optional<SavedSessions>> taking = take(account);
    std::optional<SavedSessions> saved = co_await taking;
    if (!saved || user.outdated() || forgotten_.contains(account)) {
        co_return;
    }
    Deliveries deliveries;
    for (const SavedSessions::Delivery& known : saved->deliveries) {
        const Ref<Delivery>& delivery = deliveries.emplace_back(Delivery::make());
        if (known.taken) {
            delivery->take();
        }
        if (known.original) {
            delivery->copied(*known.original);
        }
    }
    // Whose time is over ends once all are there: what it gives up may be with another.
    std::vector<std::pair<SessionId, Clock::Wall>> asleep;
    for (SavedSession& session : saved->sessions) {
        const Clock::Wall until = session.until;
        if (const Resource* const resource = revive(user, std::move(session), deliveries)) {
            asleep.emplace_back(resource->id(), until);
        }
    }
    for (const auto& [id, until] : asleep) {
        if (Resource* const resource = server_.session(id)) {
            resource->sleep_until(until);
        }
    }
}

// What an archive does not have any more is empty: the client counts it all the same.
Task<bool> SessionKeeper::fill_in(std::string account, std::vector<SavedSession>& sessions)
{
    std::vector<ArchiveId> ids = archived_in(sessions);
    if (ids.empty()) {
        co_return true;
    }
    Task<Result<std::vector<ArchiveEntry>>> finding =
        server_.storage().archive().find(account, std::move(ids));
    const Result<std::vector<ArchiveEntry>> found = co_await finding;
    if (!found) {
        log_.error(
            "what saved sessions were sent cannot be read, so they wait {}: {}",
            field("account", account),
            found.error().cause);
        co_return false;
    }
    Payloads payloads;
    for (const ArchiveEntry& entry : *found) {
        payloads.emplace(static_cast<std::uint64_t>(entry.id), payload_of(entry));
    }
    for (SavedSession& session : sessions) {
        for (SavedSession::Entry& entry : session.queue) {
            const auto known = payloads.find(entry.stanza.entry);
            if (known != payloads.end()) {
                entry.stanza.payload = known->second;
            }
        }
    }
    co_return true;
}

// Not asleep yet; nothing where there is no place for it.
Resource* SessionKeeper::revive(User& user, SavedSession&& session, const Deliveries& deliveries)
{
    const Result<Jid> full = user.jid().with_resource(session.resource);
    if (!full || user.resource(full->resource()) != nullptr) {
        log_.error("a saved session has no place {}", field("account", user.jid().str()));
        return nullptr;
    }
    Resource& resource = user.bring_back(*full);
    Hibernation& state = resource.keep_unacknowledged();
    state.queue = queue_of(session, deliveries);
    state.inbound = InboundCount{session.settled};
    state.settled = state.told = state.awaited = session.settled;
    state.asked = session.written;
    state.limit = session.limit;
    state.name(session.name);
    if (session.presence) {
        resource.set_available(std::move(*session.presence), session.priority);
    }
    if (session.repeats_since) {
        resource.may_repeat(*session.repeats_since, session.repeats_left);
    }
    give_slots(resource, session);
    return &resource;
}

bool SessionKeeper::is_here(std::string_view account)
{
    const Result<Jid> jid = Jid::parse(account);
    return jid && server_.router().host(jid->domain()) != nullptr &&
           server_.router().placement().shard_of(account) == server_.shard().index();
}

Task<void> SessionKeeper::find_left()
{
    Task<Result<void>> reading = read_ends();
    const Result<void> read = co_await reading;
    if (!read) {
        log_.error("when saved sessions end is not known: {}", read.error().cause);
        Task<Result<void>> looking = read_accounts();
        const Result<void> found = co_await looking;
        if (!found) {
            log_.error("saved sessions come back when somebody asks: {}", found.error().cause);
        }
    }
    std::ranges::sort(left_, std::greater{}, &SavedEnd::until);
    wait_for_left();
}

Task<Result<void>> SessionKeeper::read_ends()
{
    const std::vector<std::string> names = co_await ok(server_.values().names(ends_owner));
    for (const std::string& name : names) {
        const std::optional<std::string> bytes =
            co_await ok(server_.values().get(ends_owner, name));
        std::optional<std::vector<SavedEnd>> ends = decode_ends(bytes.value_or(std::string{}));
        if (!ends) {
            co_return fail(Condition::internal_server_error, {}, "a list of them is damaged");
        }
        for (SavedEnd& end : *ends) {
            if (is_here(end.account)) {
                left_.push_back(std::move(end));
            }
        }
    }
    co_return Result<void>{};
}

// All whose sessions are saved, as soon as may be: as they come back they know how long they wait.
Task<Result<void>> SessionKeeper::read_accounts()
{
    left_.clear();
    std::vector<std::string> accounts = co_await ok(server_.values().names(keeper_owner));
    for (std::string& account : accounts) {
        if (is_here(account)) {
            left_.push_back({server_.clock().wall(), std::move(account)});
        }
    }
    co_return Result<void>{};
}

void SessionKeeper::wait_for_left()
{
    if (!left_.empty() && !looking_.closing()) {
        const auto wait = left_.back().until - server_.clock().wall();
        late_.schedule(
            server_.shard().timers(), std::clamp<std::chrono::nanoseconds>(wait, soonest, 24h));
    }
}

// The user rests before that, unless he is there.
void SessionKeeper::look_again(std::string account)
{
    const SavedEnd again{server_.clock().wall() + look_again_after, std::move(account)};
    left_.insert(
        std::ranges::upper_bound(left_, again.until, std::greater{}, &SavedEnd::until), again);
    wait_for_left();
}

void SessionKeeper::late()
{
    if (left_.back().until <= server_.clock().wall()) {
        looking_.spawn(load(std::move(left_.back().account)));
        left_.pop_back();
    }
    wait_for_left();
}

// As soon as he is loaded, his sessions are there, and their time is over.
Task<void> SessionKeeper::load(std::string account)
{
    const Jid jid = Jid::parse(account).value();
    Task<Result<User::Pin>> loading = server_.router().host(jid.domain())->user(jid);
    const Result<User::Pin> user = co_await loading;
    if (!user && user.error().condition == Condition::item_not_found) {
        Task<void> erasing = erase(std::move(account));
        co_await erasing;
    } else if (!user) {
        look_again(std::move(account));
    }
}

} // namespace sarang
