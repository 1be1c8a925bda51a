// SPDX-License-Identifier: Apache-2.0
#include "modules/presence/presence.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {
namespace {

constexpr auto white_space = " \t\r\n"sv;

// RFC 6121 §4.7.2.3: an integer from -128 to 127, zero when there is none. As an xs:byte it may
// have white space around it, and a plus sign.
std::optional<std::int8_t> priority_of(const Stanza& presence)
{
    const std::optional<Element> element = presence.element(ns::client, "priority");
    if (!element) {
        return 0;
    }
    const std::string whole = element->text();
    std::string_view text = whole;
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(white_space) + 1));
    if (text.starts_with('+') && !text.starts_with("+-")) {
        text.remove_prefix(1);
    }
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end || value < -128 || value > 127) {
        return std::nullopt;
    }
    return static_cast<std::int8_t>(value);
}

} // namespace

Presence::Presence(Host& host)
    : Module{host}
    , max_directed_{options().integer(
          "max_directed",
          1000,
          {1, 1'000'000},
          "addresses that one session may direct presence to")}
    , max_request_size_{options().size(
          "max_request_size",
          4096,
          {0, 1U << 20U},
          "a request that is larger waits for its answer without what it says")}
    , directed_{resource_slot<Directed>("directed")}
    , seen_{slot<Seen>("seen")}
{
    on(hooks().from_account, &Presence::sent, priority::deliver);
    on(hooks().subscription_out_async, &Presence::subscription_sent);
    on(hooks().deliver, &Presence::came, priority::deliver);
    on(hooks().subscription_in_async, &Presence::subscription_came);
    on(hooks().resource_ended, &Presence::ended);
    provide<PresenceService>(*this);
}

Verdict Presence::sent(Passage& passage)
{
    if (passage.stanza.kind != Kind::presence || is_subscription(passage.stanza.type)) {
        return Verdict::pass();
    }
    switch (passage.stanza.type) {
    case Type::available:
    case Type::unavailable:
        return passage.to.empty() ? broadcast(passage) : direct(passage);
    case Type::error:
    case Type::probe:
        return Verdict::pass();
    default:
        return Verdict::bounce(Condition::bad_request);
    }
}

Verdict Presence::broadcast(Passage& passage)
{
    Resource& resource = *passage.resource;
    if (passage.stanza.type == Type::unavailable) {
        if (resource.available() || resource.find(directed_) != nullptr) {
            become_unavailable(passage.user, resource, passage.stanza);
        }
        return Verdict::done();
    }
    const std::optional<std::int8_t> priority = priority_of(passage.stanza);
    if (!priority) {
        return Verdict::bounce(Condition::bad_request);
    }
    const bool initial = !resource.available();
    resource.set_available(passage.stanza, *priority);
    to_subscribers(passage.user, passage.stanza);
    to_own_sessions(passage.user, passage.stanza);
    if (initial) {
        become_available(passage.user, resource);
    }
    passage.user.announce(resource, initial);
    return Verdict::done();
}

// RFC 6121 §4.2.2: whom the user sees, and who waits for an answer.
void Presence::become_available(User& user, Resource& resource)
{
    for (const auto& other : user.resources()) {
        if (other.get() != &resource && other->available()) {
            Stanza presence = *other->presence();
            presence.to = resource.jid();
            resource.deliver(presence);
        }
    }
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        return;
    }
    std::vector<Jid> seen;
    std::vector<Stanza> requests;
    roster->each(user, [&](const Contact& contact) {
        if (contact.to()) {
            seen.push_back(contact.jid);
        }
        if (contact.pending_in) {
            requests.push_back(request_of(user, contact));
        }
    });
    for (const Jid& contact : seen) {
        route(user, Type::probe, contact);
    }
    for (const Stanza& request : requests) {
        resource.deliver(request);
    }
}

// RFC 6121 §4.5.2, §4.6.3.
void Presence::become_unavailable(User& user, Resource& resource, Stanza presence)
{
    const bool broadcast = resource.available();
    if (broadcast) {
        resource.set_unavailable();
        user[seen_].at = host().clock().wall();
        to_subscribers(user, presence);
        to_own_sessions(user, presence);
        Stanza own = presence;
        own.to = resource.jid();
        user.receive(std::move(own), SessionId{});
    }
    to_directed(user, resource, presence, broadcast);
}

void Presence::to_subscribers(User& user, const Stanza& presence)
{
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        return;
    }
    std::vector<Jid> recipients;
    roster->each(user, [&](const Contact& contact) {
        if (contact.from()) {
            recipients.push_back(contact.jid);
        }
    });
    if (!recipients.empty()) {
        router().route_to_many(presence, recipients);
    }
}

// RFC 6121 §4.2.2: the user's own available sessions, the sending one included. By way of the
// account, so that it overtakes no message that the session sent to another (RFC 6120 §10.1).
void Presence::to_own_sessions(User& user, Stanza presence)
{
    presence.to = user.jid();
    user.receive(std::move(presence), SessionId{});
}

void Presence::ended(const ResourceEvent& event)
{
    become_unavailable(
        event.user, event.resource, make(Type::unavailable, event.resource.jid(), Jid{}));
    if (event.user.transient() && event.user.resources().size() == 1) {
        part(event.user);
    }
}

Verdict Presence::came(Passage& passage)
{
    if (passage.stanza.kind != Kind::presence) {
        return Verdict::pass();
    }
    if (passage.stanza.type == Type::probe) {
        return answer_probe(passage);
    }
    if (passage.stanza.type == Type::unavailable) {
        forget_directed(passage);
    }
    if (!passage.to.is_bare()) {
        if (Resource* const resource = passage.user.resource(passage.to.resource())) {
            resource->deliver(passage.stanza);
        }
        return Verdict::done();
    }
    if (passage.stanza.type == Type::available || passage.stanza.type == Type::unavailable) {
        to_available(passage.user, passage.stanza);
    } else if (passage.stanza.type == Type::error) {
        refused(passage);
    }
    return Verdict::done();
}

// RFC 6121 §8.5.2.1.2: what is addressed to the account stays so.
void Presence::to_available(User& user, const Stanza& presence)
{
    for (std::size_t i = 0; i < user.resources().size(); ++i) {
        Resource& resource = *user.resources()[i];
        if (resource.available()) {
            resource.deliver(presence);
        }
    }
}

Stanza Presence::make(Type type, const Jid& from, const Jid& to)
{
    Stanza presence;
    presence.kind = Kind::presence;
    presence.type = type;
    presence.from = from;
    presence.to = to;
    return presence;
}

void Presence::route(User& user, Type type, const Jid& to)
{
    router().route(make(type, user.jid(), to));
}

} // namespace sarang

SARANG_MODULE(sarang::Presence)
