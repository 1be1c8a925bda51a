// SPDX-License-Identifier: Apache-2.0
#include "core/user.h"

#include "core/host.h"
#include "core/router.h"
#include "core/server_shard.h"
#include "store/storage.h"

#include <algorithm>

namespace sarang {

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

void User::load()
{
    lane_.occupy(load_now());
}

Task<void> User::load_now()
{
    const Result<void> fetched = co_await fetch();
    missing_ = !fetched;
    loaded_ = true;
    if (!fetched && fetched.error().condition != Condition::item_not_found) {
        host_.log().error(
            "cannot load {}: {}", field("account", jid_.str()), fetched.error().cause);
    }
}

Task<Result<void>> User::fetch()
{
    if (*host_.options().accounts == Accounts::stored) {
        const auto account = co_await ok(host_.storage().accounts().find(jid_.str()));
        if (!account) {
            co_return fail(Condition::item_not_found);
        }
    }
    UserEvent event{*this};
    Verdict verdict = co_await host_.hooks().load_async.run(event);
    if (verdict.bounces()) {
        co_return fail(verdict.error());
    }
    co_return Result<void>{};
}

void User::wait_for_turn(Oneshot<bool>& turn)
{
    lane_.submit(std::make_unique<Oneshot<bool>::Sender>(turn));
}

void User::receive(Stanza stanza, const SessionId& sender)
{
    const auto most = static_cast<std::size_t>(*host_.server().options().account_queue);
    if (lane_.waiting() >= most) {
        host_.router().bounce(
            stanza, Error{Condition::resource_constraint, "Too much at once", {}, {}});
        return;
    }
    Arrival arrival{std::move(stanza), sender, {}};
    if (lane_.busy()) {
        arrival.hold = host_.server().receipts().hold(sender);
    }
    lane_.submit(std::move(arrival));
}

std::optional<Task<void>> User::process(Item&& item)
{
    if (auto* turn = std::get_if<std::unique_ptr<Oneshot<bool>::Sender>>(&item)) {
        (*turn)->deliver(!missing_);
        return std::nullopt;
    }
    if (auto* task = std::get_if<Task<void>>(&item)) {
        return std::move(*task);
    }
    auto& arrival = std::get<Arrival>(item);
    Receipts::Hold hold = std::move(arrival.hold);
    std::optional<Task<void>> rest = screen(std::move(arrival.stanza));
    if (rest && !hold) {
        hold = host_.server().receipts().hold(arrival.sender);
    }
    return rest ? settle_after(std::move(*rest), std::move(hold)) : std::move(rest);
}

Task<void> User::settle_after(Task<void> work, Receipts::Hold)
{
    co_await work;
}

std::optional<Task<void>> User::screen(Stanza stanza)
{
    if (missing_) {
        refuse(stanza);
        return std::nullopt;
    }
    if (host_.hooks().to_account_async.empty()) {
        return pass(std::move(stanza));
    }
    return pass_slowly(std::move(stanza));
}

void User::lane_idle()
{
    last_used_ = host_.clock().now();
    if (missing_ || outdated_) {
        host_.reap_soon(*this);
    }
    rest();
}

// Somebody without a session is kept in mind for a while, in case more comes for the account.
void User::rest()
{
    if (!resources_.empty()) {
        return;
    }
    if (transient() || outdated_) {
        host_.reap_soon(*this);
    } else {
        host_.forget_later(*this);
    }
}

void User::refuse(const Stanza& stanza)
{
    // RFC 6121 §8.5.1, §4.3.2: presence to nobody is ignored, but a probe is answered as by one
    // who has not granted a subscription.
    if (stanza.kind == Kind::presence && stanza.type == Type::probe) {
        Stanza answer = stanza.reply(Type::unsubscribed);
        host_.router().route(std::move(answer));
    } else if (stanza.kind != Kind::presence) {
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    }
    host_.reap_soon(*this);
}

std::optional<Task<void>> User::pass(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = host_.hooks().to_account.run(passage, host_.fault());
    if (verdict.passes()) {
        return dispatch(std::move(stanza));
    }
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
    return std::nullopt;
}

Task<void> User::pass_slowly(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = co_await host_.hooks().to_account_async.run(passage);
    if (verdict.passes()) {
        if (auto rest = pass(std::move(stanza))) {
            Task<void>& left = *rest;
            co_await left;
        }
    } else if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
}

std::optional<Task<void>> User::dispatch(Stanza stanza)
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

std::optional<Task<void>> User::dispatch_iq(Stanza stanza)
{
    if (stanza.to.is_bare()) {
        return host_.answer(std::move(stanza), *this, nullptr);
    }
    // RFC 6121 §8.5.3.1: an iq to a full JID is delivered as it is.
    if (Resource* const resource = this->resource(stanza.to.resource())) {
        resource->deliver(stanza);
    } else {
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    }
    return std::nullopt;
}

Task<void> User::subscribe(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = co_await host_.hooks().subscription_in_async.run(passage);
    if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
}

Task<void> User::offer_undelivered(Stanza stanza)
{
    Passage passage{*this, stanza, nullptr, stanza.from, stanza.to};
    const Verdict verdict = co_await host_.hooks().undelivered_async.run(passage);
    if (verdict.passes()) {
        host_.router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    } else if (verdict.bounces()) {
        host_.router().bounce(stanza, verdict.error());
    }
}

Resource& User::bind(Jid full, Pipe& pipe)
{
    const SessionId id = host_.server().next_session();
    resources_.push_back(std::make_unique<Resource>(*this, std::move(full), id, pipe));
    Resource& resource = *resources_.back();
    host_.server().add(resource);
    ResourceEvent event{*this, resource};
    host_.hooks().resource_bound.run(event, host_.fault());
    return resource;
}

void User::unbind(Resource& resource)
{
    ResourceEvent event{*this, resource};
    host_.hooks().resource_ended.run(event, host_.fault());
    host_.server().remove(resource);
    const auto at = std::find_if(resources_.begin(), resources_.end(), [&](const auto& one) {
        return one.get() == &resource;
    });
    std::unique_ptr<Resource> ended = std::move(*at);
    resources_.erase(at);
    last_used_ = host_.clock().now();
    host_.bury(std::move(ended));
    rest();
}

Resource* User::resource(std::string_view name) const
{
    for (const auto& resource : resources_) {
        if (resource->jid().resource() == name) {
            return resource.get();
        }
    }
    return nullptr;
}

bool User::transient() const
{
    return *host_.options().accounts == Accounts::anonymous;
}

bool User::idle() const
{
    return resources_.empty() && !lane_.busy();
}

} // namespace sarang
