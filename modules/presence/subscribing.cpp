// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §3: subscription stanzas of both directions, as the roster's state has them mean.
#include "core/message.h"

#include <utility>

#include "modules/presence/presence.h"

namespace sarang {
namespace {

constexpr auto later = "Contacts are not at hand now, try again later";

} // namespace

Task<Verdict> Presence::subscription_sent(Passage& passage)
{
    const Jid to = passage.to.bare();
    if (to.empty() || to == passage.user.jid()) {
        co_return Verdict::bounce(Condition::bad_request);
    }
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        co_return Verdict::bounce(Error{Condition::resource_constraint, later, {}, {}});
    }
    Transition transition;
    RosterChange change;
    change.decide = [&](Contact& contact) -> Result<RosterChange::Outcome> {
        transition = outbound(passage.stanza.type, contact);
        contact = transition.state;
        return RosterChange::Outcome{transition.changed, false, {}};
    };
    change.then = [&] { follow_sent(passage, transition, to); };
    Task<Result<void>> changing = roster->change(passage.user, to, std::move(change));
    const Result<void> changed = co_await changing;
    co_return changed ? Verdict::done() : Verdict::bounce(changed.error());
}

void Presence::follow_sent(Passage& passage, const Transition& transition, const Jid& to)
{
    // RFC 6121 §3.2.2: the sessions go while the contact is still subscribed to them.
    if (transition.revoked) {
        hide_sessions(passage.user, to);
    }
    if (transition.passes) {
        // RFC 6121 §3.1.2: stamped with bare addresses.
        passage.stanza.from = passage.user.jid();
        passage.stanza.to = to;
        passage.resource->forward(Stanza{passage.stanza});
    }
    if (transition.granted) {
        show_sessions(passage.user, to);
    }
}

Task<Verdict> Presence::subscription_came(Passage& passage)
{
    User& user = passage.user;
    const Jid from = passage.from.bare();
    if (from.empty() || from == user.jid()) {
        co_return Verdict::done();
    }
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        co_return Verdict::bounce(Error{Condition::resource_constraint, later, {}, {}});
    }
    passage.stanza.from = from;
    passage.stanza.to = user.jid();
    Transition transition;
    RosterChange change;
    change.decide = [&](Contact& contact) -> Result<RosterChange::Outcome> {
        transition = inbound(passage.stanza.type, contact);
        contact = transition.state;
        RosterChange::Outcome outcome{transition.changed, false, {}};
        // A request is for those who are available (RFC 6121 §3.1.3), an answer or a withdrawal
        // for those who know the roster, before they are told what became of it (§3.1.6, §3.2.3,
        // §3.3.3).
        if (passage.stanza.type != Type::subscribe) {
            outcome.herald = transition.passes ? std::optional{passage.stanza} : std::nullopt;
        } else if (transition.passes) {
            contact.request = kept_request(passage.stanza);
        }
        return outcome;
    };
    change.then = [&] { follow_came(user, transition, passage.stanza); };
    Task<Result<void>> changing = roster->change(user, from, std::move(change));
    const Result<void> changed = co_await changing;
    co_return changed ? Verdict::done() : Verdict::bounce(changed.error());
}

void Presence::follow_came(User& user, const Transition& transition, const Stanza& stanza)
{
    if (transition.passes && stanza.type == Type::subscribe) {
        to_available(user, stanza);
    }
    if (transition.approve) {
        route(user, Type::subscribed, stanza.from);
    }
    if (transition.granted) {
        show_sessions(user, stanza.from);
    }
    if (transition.revoked) {
        hide_sessions(user, stanza.from);
    }
    if (transition.cancel) {
        route(user, Type::unsubscribed, stanza.from);
    }
}

// RFC 6121 §3.1.2: the user learns that a subscription stanza did not arrive; as an answer would be
// (§3.1.6), it is for those who know the roster, and for those who are available. Such stanzas
// bear the account's address, and so do the server's own, which have no id.
void Presence::refused(Passage& passage)
{
    RosterService* const roster = this->roster();
    const Contact* const contact =
        roster != nullptr ? roster->contact(passage.user, passage.from.bare()) : nullptr;
    if (contact == nullptr || (!contact->ask && passage.stanza.id.empty())) {
        return;
    }
    for (const auto& resource : passage.user.resources()) {
        if (resource->available() || roster->is_interested(*resource)) {
            resource->deliver(passage.stanza);
        }
    }
}

// RFC 6121 §3.1.3 has it kept whole; not at any price, for whoever wants may ask.
std::string Presence::kept_request(const Stanza& request) const
{
    std::string bytes = encode(request);
    if (bytes.size() <= *max_request_size_) {
        return bytes;
    }
    Stanza bare = request;
    bare.payload = {};
    bare.added.clear();
    bytes = encode(bare);
    return bytes.size() <= *max_request_size_ ? bytes : std::string{};
}

Stanza Presence::request_of(User& user, const Contact& contact)
{
    std::optional<Stanza> request = decode_stanza(contact.request);
    return request ? std::move(*request) : make(Type::subscribe, contact.jid, user.jid());
}

void Presence::contact_removed(User& user, const Contact& former)
{
    if (former.from()) {
        hide_sessions(user, former.jid);
    }
    if (former.from() || former.pending_in) {
        route(user, Type::unsubscribed, former.jid);
    }
    if (former.to() || former.ask) {
        route(user, Type::unsubscribe, former.jid);
    }
}

// XEP-0175: with the session of an anonymous user, the account ends.
void Presence::part(User& user)
{
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        return;
    }
    std::vector<Contact> contacts;
    roster->each(user, [&contacts](const Contact& contact) { contacts.push_back(contact); });
    for (const Contact& contact : contacts) {
        contact_removed(user, contact);
    }
}

void Presence::show_sessions(User& user, const Jid& to)
{
    for (const auto& resource : user.resources()) {
        if (resource->available()) {
            Stanza presence = *resource->presence();
            presence.to = to;
            router().route(std::move(presence));
        }
    }
}

void Presence::hide_sessions(User& user, const Jid& from)
{
    for (const auto& resource : user.resources()) {
        if (resource->available()) {
            router().route(make(Type::unavailable, resource->jid(), from));
        }
    }
}

} // namespace sarang
