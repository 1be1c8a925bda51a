// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §2: managing the roster, with versions (§2.6).
//
// Keeps each user's contacts, answers for them, and tells all interested sessions of a change.

#include "core/service/roster.h"

#include "base/bytes.h"
#include "base/id.h"
#include "core/module.h"
#include "core/service/presence.h"
#include "store/storage.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace sarang {
namespace {

constexpr auto ns = "jabber:iq:roster"sv;
constexpr std::size_t longest_text = 1023;

struct Contacts {
    std::uint64_t version = 0;
    std::vector<Contact> all; ///< sorted by address

    auto place(const Jid& bare)
    {
        return std::lower_bound(
            all.begin(), all.end(), bare, [](const Contact& contact, const Jid& jid) {
                return contact.jid < jid;
            });
    }

    Contact* find(const Jid& bare)
    {
        const auto at = place(bare);
        return at != all.end() && at->jid == bare ? &*at : nullptr;
    }
};

/// A session that has asked for the roster is told of changes (RFC 6121 §2.1.6).
struct Interest {
    bool interested = false;
};

} // namespace

template <>
struct Codec<Interest> {
    static std::string encode(const Interest& interest)
    {
        return BytesWriter{}.u8(1).boolean(interest.interested).take();
    }

    static std::optional<Interest> decode(std::string_view bytes)
    {
        BytesReader in{bytes};
        const bool known = in.u8() == 1;
        const Interest interest{in.boolean()};
        return known && in.complete() ? std::optional{interest} : std::nullopt;
    }
};

namespace {

std::string_view name(Subscription subscription)
{
    constexpr std::string_view names[] = {"none", "to", "from", "both"};
    return names[static_cast<std::size_t>(subscription)];
}

void add_item(Element& query, const Contact& contact)
{
    Element& item = query.add("item");
    item.set("jid", contact.jid.str());
    if (!contact.name.empty()) {
        item.set("name", contact.name);
    }
    item.set("subscription", name(contact.subscription));
    if (contact.ask) {
        item.set("ask", "subscribe");
    }
    if (contact.approved) {
        item.set("approved", "true");
    }
    for (const std::string& group : contact.groups) {
        item.add("group").text(group);
    }
}

// Whether clients see a difference: a request that came (RFC 6121 §3.1.3) is none.
bool looks_alike(const Contact& a, const Contact& b)
{
    return a.listed == b.listed && a.subscription == b.subscription && a.ask == b.ask &&
           a.approved == b.approved && a.name == b.name && a.groups == b.groups;
}

RosterItem kept(const Contact& contact)
{
    RosterItem item;
    item.contact = contact.jid.str();
    item.name = contact.name;
    item.groups = contact.groups;
    item.subscription = contact.subscription;
    item.ask = contact.ask;
    item.approved = contact.approved;
    item.pending_in = contact.pending_in;
    item.request = contact.request;
    item.listed = contact.listed;
    return item;
}

std::optional<Contact> contact_of(const RosterItem& item)
{
    Result<Jid> jid = Jid::parse(item.contact);
    if (!jid) {
        return std::nullopt;
    }
    Contact contact;
    contact.jid = std::move(*jid);
    contact.name = item.name;
    contact.groups = item.groups;
    contact.subscription = item.subscription;
    contact.ask = item.ask;
    contact.approved = item.approved;
    contact.pending_in = item.pending_in;
    contact.request = item.request;
    contact.listed = item.listed;
    return contact;
}

/// RFC 6121 §2.3.3: what is wrong with an item's name or groups, if anything.
std::optional<Error> refused(const Element& item)
{
    if (item.attribute("name").size() > longest_text) {
        return Error{Condition::not_acceptable, "The name is too long", {}, {}};
    }
    std::set<std::string> groups;
    for (const Element* child : item.children()) {
        if (!child->is(ns, "group")) {
            continue;
        }
        const std::string group = child->text();
        if (group.empty() || group.size() > longest_text) {
            return Error{Condition::not_acceptable, "A group's name is empty or too long", {}, {}};
        }
        if (!groups.insert(group).second) {
            return Error{Condition::bad_request, "A group is there twice", {}, {}};
        }
    }
    return std::nullopt;
}

std::vector<std::string> groups_of(const Element& item)
{
    std::vector<std::string> groups;
    for (const Element* child : item.children()) {
        if (child->is(ns, "group")) {
            groups.push_back(child->text());
        }
    }
    return groups;
}

class RosterModule final : public Module, private RosterService {
public:
    explicit RosterModule(Host& host)
        : Module{host}
        , max_contacts_{options().integer(
              "max_contacts", 5000, {1, 1'000'000}, "contacts of one account, requests included")}
        , contacts_{slot<Contacts>("contacts")}
        , interest_{resource_slot<Interest>("interest")}
    {
        stream_feature(Element{"urn:xmpp:features:rosterver", "ver"});
        stream_feature(Element{"urn:xmpp:features:pre-approval", "sub"});
        iq(Iq::get, Scope::account, ns, "query", &RosterModule::tell);
        iq(Iq::set, Scope::account, ns, "query", &RosterModule::change);
        on(hooks().load_async, &RosterModule::load);
        on(hooks().from_account, &RosterModule::refuse_foreign_set, priority::screen);
        on(hooks().to_account, &RosterModule::refuse_push, priority::screen);
        provide<RosterService>(*this);
    }

private:
    Task<Verdict> load(const UserEvent& event)
    {
        if (event.user.transient()) {
            co_return Verdict::pass();
        }
        Task<Result<Roster>> loading = storage().rosters().load(event.user.jid().str());
        Result<Roster> roster = co_await loading;
        if (!roster) {
            co_return Verdict::bounce(std::move(roster).error());
        }
        if (roster->version == 0) {
            co_return Verdict::pass();
        }
        Contacts contacts{roster->version, {}};
        for (const RosterItem& item : roster->items) {
            if (std::optional<Contact> contact = contact_of(item)) {
                contacts.all.push_back(std::move(*contact));
            }
        }
        std::sort(contacts.all.begin(), contacts.all.end(), [](const Contact& a, const Contact& b) {
            return a.jid < b.jid;
        });
        event.user[contacts_] = std::move(contacts);
        co_return Verdict::pass();
    }

    static bool is_set(const Stanza& stanza)
    {
        return stanza.kind == Kind::iq && stanza.type == Type::set && stanza.has(ns, "query");
    }

    // RFC 6121 §2.1.5: nobody may change another's roster. Said at the sender's side, it does not
    // tell whether there is such an account.
    Verdict refuse_foreign_set(const Passage& passage)
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
    Verdict refuse_push(const Passage& passage)
    {
        return is_set(passage.stanza) ? Verdict::bounce(Condition::service_unavailable)
                                      : Verdict::pass();
    }

    Task<IqAnswer> tell(const IqRequest& request)
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
        Element query{ns, "query"};
        if (versioned) {
            query.set("ver", std::to_string(version));
        }
        if (contacts != nullptr) {
            for (const Contact& contact : contacts->all) {
                if (contact.listed) {
                    add_item(query, contact);
                }
            }
        }
        co_return std::optional<Element>{std::move(query)};
    }

    Task<Result<void>> change(const IqRequest& request)
    {
        const auto items = request.child.children();
        if (items.size() != 1 || !items[0]->is(ns, "item") || !items[0]->has("jid")) {
            co_return fail(Condition::bad_request, "A roster set has exactly one item");
        }
        const Element& item = *items[0];
        const Jid jid = (co_await ok(Jid::parse(item.attribute("jid")))).bare();
        if (jid == request.user.jid()) {
            co_return fail(Condition::not_allowed, "You are not your own contact");
        }
        Task<Result<void>> changing = item.attribute("subscription") == "remove"
                                          ? drop(request.user, jid)
                                          : update(request.user, jid, item);
        Result<void> changed = co_await changing;
        co_return changed;
    }

    Task<Result<void>> update(User& user, Jid jid, const Element& item)
    {
        if (auto error = refused(item)) {
            co_return fail(std::move(*error));
        }
        const Contact* const known = contact(user, jid);
        Contact contact = known != nullptr ? *known : Contact{};
        contact.jid = jid;
        contact.name = item.attribute("name");
        contact.groups = groups_of(item);
        contact.listed = true;
        // Also if nothing is new, for §2.4.2 promises a push.
        Task<Result<void>> putting = write(user, std::move(contact), std::nullopt, true);
        Result<void> kept = co_await putting;
        co_return kept;
    }

    // RFC 6121 §2.5.2: subscriptions end with the entry.
    Task<Result<void>> drop(User& user, Jid jid)
    {
        const Contact* const known = contact(user, jid);
        if (known == nullptr || !known->listed) {
            co_return fail(Condition::item_not_found);
        }
        const Contact former = *known;
        Task<Result<void>> removing = remove(user, jid, std::nullopt);
        co_await ok(std::move(removing));
        if (PresenceService* const presence = host().service<PresenceService>()) {
            presence->contact_removed(user, former);
        }
        co_return Result<void>{};
    }

    // RosterService

    const Contact* contact(User& user, const Jid& bare) const override
    {
        Contacts* const contacts = user.find(contacts_);
        return contacts != nullptr ? contacts->find(bare) : nullptr;
    }

    void each(User& user, const std::function<void(const Contact&)>& deed) const override
    {
        if (const Contacts* const contacts = user.find(contacts_)) {
            // A deed may lead to a change of the list.
            const std::vector<Contact> all = contacts->all;
            std::for_each(all.begin(), all.end(), deed);
        }
    }

    Task<Result<void>> put(User& user, Contact contact, std::optional<Stanza> herald) override
    {
        const Contact* const known = this->contact(user, contact.jid);
        const bool shown = contact.listed && (known == nullptr || !looks_alike(*known, contact));
        return write(user, std::move(contact), std::move(herald), shown);
    }

    Task<Result<void>> write(User& user, Contact contact, std::optional<Stanza> herald, bool shown)
    {
        const Contacts& contacts = user[contacts_];
        if (this->contact(user, contact.jid) == nullptr &&
            contacts.all.size() >= static_cast<std::size_t>(*max_contacts_)) {
            co_return fail(Condition::resource_constraint, "Too many contacts");
        }
        std::uint64_t version = contacts.version + 1;
        if (!user.transient()) {
            version = co_await ok(storage().rosters().put(user.jid().str(), kept(contact)));
        }
        Contacts& now = user[contacts_];
        now.version = version;
        if (Contact* const known = now.find(contact.jid)) {
            *known = contact;
        } else {
            now.all.insert(now.place(contact.jid), contact);
        }
        announce(user, herald);
        if (shown) {
            Element query{ns, "query"};
            query.set("ver", std::to_string(version));
            add_item(query, contact);
            push(user, query);
        }
        co_return Result<void>{};
    }

    Task<Result<void>> remove(User& user, Jid bare, std::optional<Stanza> herald) override
    {
        std::uint64_t version = user[contacts_].version + 1;
        if (!user.transient()) {
            version = co_await ok(storage().rosters().remove(user.jid().str(), bare.str()));
        }
        Contacts& now = user[contacts_];
        now.version = version;
        announce(user, herald);
        const auto at = now.place(bare);
        if (at == now.all.end() || at->jid != bare) {
            co_return Result<void>{};
        }
        const bool listed = at->listed;
        now.all.erase(at);
        if (listed) {
            Element query{ns, "query"};
            query.set("ver", std::to_string(version));
            query.add("item").set("jid", bare.str()).set("subscription", "remove");
            push(user, query);
        }
        co_return Result<void>{};
    }

    void announce(User& user, const std::optional<Stanza>& herald)
    {
        if (herald) {
            to_interested(user, [&](Resource& resource) { resource.deliver(*herald); });
        }
    }

    // RFC 6121 §2.1.6.
    void push(User& user, const Element& query)
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

    template <class Deed>
    void to_interested(User& user, Deed deed)
    {
        for (const auto& resource : user.resources()) {
            const Interest* const interest = resource->find(interest_);
            if (interest != nullptr && interest->interested) {
                deed(*resource);
            }
        }
    }

    Option<std::int64_t> max_contacts_;
    Slot<User, Contacts> contacts_;
    Slot<Resource, Interest> interest_;
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::RosterModule)
