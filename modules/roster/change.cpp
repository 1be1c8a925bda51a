// SPDX-License-Identifier: Apache-2.0
// How the contacts of an account change: in turn, on disk, in memory, at the sessions.
#include "base/id.h"
#include "store/storage.h"

#include <utility>

#include "modules/roster/roster.h"

namespace sarang {

Task<Result<void>> RosterModule::change(User& user, Jid bare, RosterChange change)
{
    const std::optional<Gate::Hold> hold = enter();
    if (!hold) {
        co_return fail(Condition::resource_constraint, "Try again later");
    }
    Turn turn{turns_, user.jid()};
    co_await turn;
    Task<Result<void>> changing = change_now(user, bare, change);
    Result<void> changed = co_await changing;
    co_return changed;
}

// Requires that it is this one's turn.
Task<Result<void>> RosterModule::change_now(User& user, const Jid& bare, const RosterChange& change)
{
    Contact contact;
    contact.jid = bare;
    contact.listed = false;
    if (const Contact* const known = this->contact(user, bare)) {
        contact = *known;
    }
    RosterChange::Outcome outcome = co_await ok(change.decide(contact));
    if (outcome.changed) {
        const std::uint64_t version = co_await ok(keep(user, contact));
        publish(user, contact, version, std::move(outcome));
    } else if (outcome.herald) {
        to_interested(user, [&](Resource& resource) { resource.deliver(*outcome.herald); });
    }
    change.then();
    co_return Result<void>{};
}

Task<Result<std::uint64_t>> RosterModule::keep(User& user, const Contact& contact)
{
    if (auto error = excess(user, contact)) {
        co_return fail(std::move(*error));
    }
    if (user.transient()) {
        co_return user[contacts_].version + 1;
    }
    const std::string_view owner = user.jid().str();
    Task<Result<std::uint64_t>> writing = contact.is_void()
                                              ? storage().rosters().remove(owner, contact.jid.str())
                                              : storage().rosters().put(owner, kept(contact));
    Result<std::uint64_t> version = co_await writing;
    co_return version;
}

// What is too much, if anything. Strangers take no place from entries, nor are they heard when many
// wait already: each would push out one that came before.
std::optional<Error> RosterModule::excess(User& user, const Contact& contact) const
{
    const Contact* const known = this->contact(user, contact.jid);
    if (contact.is_void() || (known != nullptr && known->listed == contact.listed)) {
        return std::nullopt;
    }
    std::int64_t others = 0;
    each(user, [&](const Contact& other) { others += other.listed == contact.listed ? 1 : 0; });
    if (others < (contact.listed ? *max_contacts_ : *max_requests_)) {
        return std::nullopt;
    }
    return Error{
        Condition::resource_constraint,
        contact.listed ? "Too many contacts" : "Too many requests wait for an answer",
        {},
        {}};
}

void RosterModule::publish(
    User& user, const Contact& contact, std::uint64_t version, RosterChange::Outcome outcome)
{
    Contacts& contacts = user[contacts_];
    Contact before;
    before.listed = false;
    if (const Contact* const known = contacts.find(contact.jid)) {
        before = *known;
    }
    contacts.version = version;
    if (contact.is_void()) {
        contacts.remove(contact.jid);
    } else {
        contacts.put(contact);
    }
    if (outcome.herald) {
        to_interested(user, [&](Resource& resource) { resource.deliver(*outcome.herald); });
    }
    const bool shown = contact.listed && (outcome.shown || !looks_alike(before, contact));
    if (!shown && !(before.listed && !contact.listed)) {
        return;
    }
    Element query{roster_ns, "query"};
    query.set("ver", std::to_string(version));
    if (contact.listed) {
        add_item(query, contact);
    } else {
        query.add("item").set("jid", contact.jid.str()).set("subscription", "remove");
    }
    push(user, query);
}

// RFC 6121 §2.1.6.
void RosterModule::push(User& user, const Element& query)
{
    Stanza stanza;
    stanza.kind = Kind::iq;
    stanza.type = Type::set;
    stanza.from = user.jid();
    stanza.payload = Payload::make(query);
    to_interested(user, [&](Resource& resource) {
        stanza.id = random_id();
        stanza.to = resource.jid();
        resource.deliver(stanza);
    });
}

void RosterModule::to_interested(User& user, const std::function<void(Resource&)>& deed)
{
    for (const auto& resource : user.resources()) {
        if (is_interested(*resource)) {
            deed(*resource);
        }
    }
}

} // namespace sarang
