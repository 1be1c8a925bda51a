// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster.h"

#include "base/bytes.h"
#include "core/service/presence.h"
#include "store/storage.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sarang {
namespace {

bool is_set(const Stanza& stanza)
{
    return stanza.kind == Kind::iq && stanza.type == Type::set && stanza.has(roster_ns, "query");
}

} // namespace

std::string Codec<Interest>::encode(const Interest& interest)
{
    return BytesWriter{}.u8(1).boolean(interest.interested).take();
}

std::optional<Interest> Codec<Interest>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == 1;
    const Interest interest{in.boolean()};
    return known && in.complete() ? std::optional{interest} : std::nullopt;
}

RosterModule::RosterModule(Host& host)
    : Module{host}
    , max_contacts_{options().integer(
          "max_contacts", 5000, {1, 1'000'000}, "entries in the roster of one account")}
    , max_requests_{options().integer(
          "max_requests",
          1000,
          {1, 1'000'000},
          "requests of strangers that wait for an answer of one account")}
    , contacts_{slot<Contacts>("contacts")}
    , interest_{resource_slot<Interest>("interest")}
{
    stream_feature(Element{"urn:xmpp:features:rosterver", "ver"});
    stream_feature(Element{"urn:xmpp:features:pre-approval", "sub"});
    iq(Iq::get, Scope::account, roster_ns, "query", &RosterModule::tell);
    iq(Iq::set, Scope::account, roster_ns, "query", &RosterModule::set);
    on(hooks().load_async, &RosterModule::load);
    on(hooks().from_account, &RosterModule::refuse_foreign_set, priority::screen);
    on(hooks().to_account, &RosterModule::refuse_push, priority::screen);
    provide<RosterService>(*this);
}

Task<Verdict> RosterModule::load(const UserEvent& event)
{
    if (event.user.transient()) {
        co_return Verdict::pass();
    }
    Task<Result<Roster>> loading = storage().rosters().load(event.user.jid().str());
    const Result<Roster> roster = co_await loading;
    if (!roster) {
        co_return Verdict::bounce(roster.error());
    }
    // What another instance left is replaced.
    if (roster->version != 0 || event.user.find(contacts_) != nullptr) {
        event.user[contacts_] = Contacts{roster->version, roster->items};
    }
    co_return Verdict::pass();
}

// RFC 6121 §2.1.5: nobody may change another's roster. Said at the sender's side, it does not
// tell whether there is such an account.
Verdict RosterModule::refuse_foreign_set(const Passage& passage)
{
    const Jid& to = passage.to;
    const bool of_another = to.is_bare() && !to.local().empty() && to != passage.user.jid();
    if (of_another && is_set(passage.stanza) && router().host(to.domain()) != nullptr) {
        return Verdict::bounce(Condition::forbidden);
    }
    return Verdict::pass();
}

// CVE-2015-8688: a roster set that reaches a session is a push, which only its own server
// sends; no stranger's, nor another session's, gets through.
Verdict RosterModule::refuse_push(const Passage& passage)
{
    return is_set(passage.stanza) ? Verdict::bounce(Condition::service_unavailable)
                                  : Verdict::pass();
}

Task<IqAnswer> RosterModule::tell(const IqRequest& request)
{
    if (request.resource != nullptr) {
        (*request.resource)[interest_].interested = true;
    }
    const Contacts* const contacts = request.user.find(contacts_);
    const std::uint64_t version = contacts != nullptr ? contacts->version : 0;
    const bool versioned = request.child.has("ver");
    const std::string_view known = request.child.attribute("ver");
    if (versioned && !known.empty() && known == std::to_string(version)) {
        co_return std::optional<Element>{};
    }
    Element query{roster_ns, "query"};
    if (versioned) {
        query.set("ver", std::to_string(version));
    }
    each(request.user, [&query](const Contact& contact) {
        if (contact.listed) {
            add_item(query, contact);
        }
    });
    co_return std::optional<Element>{std::move(query)};
}

Task<Result<void>> RosterModule::set(const IqRequest& request)
{
    const auto items = request.child.children();
    if (items.size() != 1 || !items[0]->is(roster_ns, "item") || !items[0]->has("jid")) {
        co_return fail(Condition::bad_request, "A roster set has exactly one item");
    }
    const Element& item = *items[0];
    const Jid jid = (co_await ok(Jid::parse(item.attribute("jid")))).bare();
    if (jid == request.user.jid()) {
        co_return fail(Condition::not_allowed, "You are not your own contact");
    }
    const bool removal = item.attribute("subscription") == "remove";
    if (auto error = removal ? std::nullopt : refused(item)) {
        co_return fail(std::move(*error));
    }
    Task<Result<void>> changing =
        change(request.user, jid, removal ? drop(request.user, jid) : update(jid, item));
    Result<void> changed = co_await changing;
    co_return changed;
}

RosterChange RosterModule::update(const Jid& jid, const Element& item)
{
    RosterChange change;
    change.decide = [jid, name = std::string{item.attribute("name")}, groups = groups_of(item)](
                        Contact& contact) -> Result<RosterChange::Outcome> {
        contact.name = name;
        contact.groups = groups;
        contact.listed = true;
        // Also if nothing is new, for §2.4.2 promises a push.
        return RosterChange::Outcome{true, true, {}};
    };
    return change;
}

// RFC 6121 §2.5.2: subscriptions end with the entry.
RosterChange RosterModule::drop(User& user, const Jid& jid)
{
    const auto former = std::make_shared<Contact>();
    RosterChange change;
    change.decide = [former, jid](Contact& contact) -> Result<RosterChange::Outcome> {
        if (!contact.listed) {
            return fail(Condition::item_not_found);
        }
        *former = std::exchange(contact, Contact{});
        contact.jid = jid;
        contact.listed = false;
        return RosterChange::Outcome{};
    };
    change.then = [this, former, &user] {
        if (PresenceService* const presence = host().service<PresenceService>()) {
            presence->contact_removed(user, *former);
        }
    };
    return change;
}

const Contact* RosterModule::contact(User& user, const Jid& bare) const
{
    Contacts* const contacts = user.find(contacts_);
    return contacts != nullptr ? contacts->find(bare) : nullptr;
}

void RosterModule::each(User& user, const std::function<void(const Contact&)>& deed) const
{
    if (const Contacts* const contacts = user.find(contacts_)) {
        std::for_each(contacts->all.begin(), contacts->all.end(), deed);
    }
}

bool RosterModule::is_interested(const Resource& resource) const
{
    const Interest* const interest = resource.find(interest_);
    return interest != nullptr && interest->interested;
}

} // namespace sarang

SARANG_MODULE(sarang::RosterModule)
