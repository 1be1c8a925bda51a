// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/contacts.h"

#include "base/bytes.h"

#include <algorithm>
#include <set>

namespace sarang {
namespace {

constexpr std::size_t longest_text = 1023;
constexpr std::uint8_t format = 1;

auto place(std::vector<Contact>& all, const Jid& bare)
{
    return std::lower_bound(
        all.begin(), all.end(), bare, [](const Contact& contact, const Jid& jid) {
            return contact.jid < jid;
        });
}

std::string_view name(Subscription subscription)
{
    constexpr std::string_view names[] = {"none", "to", "from", "both"};
    return names[static_cast<std::size_t>(subscription)];
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

void write(BytesWriter& out, const Contact& contact)
{
    out.string(contact.jid.str()).string(contact.name).varint(contact.groups.size());
    for (const std::string& group : contact.groups) {
        out.string(group);
    }
    out.u8(static_cast<std::uint8_t>(contact.subscription));
    out.boolean(contact.ask).boolean(contact.approved).boolean(contact.pending_in);
    out.boolean(contact.listed).string(contact.request);
}

RosterItem read_item(BytesReader& in)
{
    RosterItem item;
    item.contact = in.string();
    item.name = in.string();
    for (std::size_t left = in.count(); left > 0; --left) {
        item.groups.emplace_back(in.string());
    }
    item.subscription = static_cast<Subscription>(in.u8() % 4);
    item.ask = in.boolean();
    item.approved = in.boolean();
    item.pending_in = in.boolean();
    item.listed = in.boolean();
    item.request = in.string();
    return item;
}

} // namespace

Contacts::Contacts(std::uint64_t at, const std::vector<RosterItem>& items)
    : version{at}
{
    for (const RosterItem& item : items) {
        if (std::optional<Contact> contact = contact_of(item)) {
            all.push_back(std::move(*contact));
        }
    }
    std::sort(
        all.begin(), all.end(), [](const Contact& a, const Contact& b) { return a.jid < b.jid; });
}

Contact* Contacts::find(const Jid& bare)
{
    const auto at = place(all, bare);
    return at != all.end() && at->jid == bare ? &*at : nullptr;
}

void Contacts::put(Contact contact)
{
    if (Contact* const known = find(contact.jid)) {
        *known = std::move(contact);
    } else {
        const auto at = place(all, contact.jid);
        all.insert(at, std::move(contact));
    }
}

void Contacts::remove(const Jid& bare)
{
    std::erase_if(all, [&bare](const Contact& contact) { return contact.jid == bare; });
}

std::string Codec<Contacts>::encode(const Contacts& contacts)
{
    BytesWriter out;
    out.u8(format).varint(contacts.version).varint(contacts.all.size());
    for (const Contact& contact : contacts.all) {
        write(out, contact);
    }
    return out.take();
}

std::optional<Contacts> Codec<Contacts>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    if (in.u8() != format) {
        return std::nullopt;
    }
    const std::uint64_t version = in.varint();
    std::vector<RosterItem> items;
    for (std::size_t left = in.count(); left > 0; --left) {
        items.push_back(read_item(in));
    }
    return in.complete() ? std::optional{Contacts{version, items}} : std::nullopt;
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

bool looks_alike(const Contact& a, const Contact& b)
{
    return a.listed == b.listed && a.subscription == b.subscription && a.ask == b.ask &&
           a.approved == b.approved && a.name == b.name && a.groups == b.groups;
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

std::vector<std::string> groups_of(const Element& item)
{
    std::vector<std::string> groups;
    for (const Element* child : item.children()) {
        if (child->is(roster_ns, "group")) {
            groups.push_back(child->text());
        }
    }
    return groups;
}

std::optional<Error> refused(const Element& item)
{
    if (item.attribute("name").size() > longest_text) {
        return Error{Condition::not_acceptable, "The name is too long", {}, {}};
    }
    std::set<std::string> known;
    for (const std::string& group : groups_of(item)) {
        if (group.empty() || group.size() > longest_text) {
            return Error{Condition::not_acceptable, "A group's name is empty or too long", {}, {}};
        }
        if (!known.insert(group).second) {
            return Error{Condition::bad_request, "A group is there twice", {}, {}};
        }
    }
    return std::nullopt;
}

} // namespace sarang
