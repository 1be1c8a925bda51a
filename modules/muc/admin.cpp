// SPDX-License-Identifier: Apache-2.0
// The lists of those who have a role or an affiliation, and how they are changed (XEP-0045 §8, §9,
// §10.3 to §10.8).
#include "xml/nickname.h"

#include <utility>
#include <vector>

#include "modules/muc/letters.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/naming.h"
#include "modules/muc/requests.h"
#include "modules/muc/showing.h"
#include "modules/muc/standing.h"

namespace sarang::muc {
namespace {

// As an <item/> of a request says it; which of the two is empty is not asked for.
struct Wish {
    Jid account;                         ///< of an affiliation
    std::string nick;                    ///< of a role
    std::optional<std::string> reserved; ///< with an affiliation: empty for none, nothing as it is
    std::optional<Affiliation> affiliation;
    std::optional<Role> role;
    std::string reason;
};

std::string reason_of(const Element& item)
{
    const Element* const reason = item.child(admin_ns, "reason");
    return reason != nullptr ? reason->text() : std::string{};
}

// A role is that of somebody who is here by whatever nickname.
Result<void> may_be_reserved(const Room& room, const Element& item, std::string_view nick)
{
    return item.has("jid") ? may_be_a_nick(room, nick) : Result<void>{};
}

// As it stands in an occupant JID.
Result<std::string> nick_of(const Room& room, const Element& item)
{
    const std::string_view nick = item.attribute("nick");
    if (nick.empty()) {
        return std::string{};
    }
    const Result<Jid> address = room.address_of(nick);
    if (!address) {
        return fail(Condition::jid_malformed, "Nobody can be called that");
    }
    if (auto allowed = may_be_reserved(room, item, address->resource()); !allowed) {
        return fail(allowed.error());
    }
    return std::string{address->resource()};
}

Result<Wish> read_wish(const Room& room, const Element& item)
{
    Wish wish;
    Result<std::string> nick = nick_of(room, item);
    if (!nick) {
        return fail(nick.error());
    }
    wish.nick = std::move(*nick);
    wish.reason = reason_of(item);
    wish.affiliation = affiliation_named(item.attribute("affiliation"));
    wish.role = role_named(item.attribute("role"));
    if (wish.affiliation.has_value() == wish.role.has_value()) {
        return fail(Condition::bad_request, "An item has an affiliation or a role");
    }
    if (item.has("jid")) {
        const Result<Jid> jid = Jid::parse(item.attribute("jid"));
        if (!jid) {
            return fail(Condition::jid_malformed, "No address");
        }
        wish.account = jid->bare();
        if (item.has("nick")) {
            wish.reserved = wish.nick;
        }
    } else if (const Occupant* const named = room.occupants.by_nick(wish.nick)) {
        wish.account = named->account;
    }
    if (wish.account.empty() && wish.affiliation) {
        return fail(Condition::item_not_found, "Nobody of that name is in the room");
    }
    return wish;
}

Result<void> allowed(const Room& room, const Jid& actor, const Wish& wish)
{
    const Rank rank = room.rank_of(actor);
    if (wish.affiliation) {
        return may_change_affiliation(
            rank.affiliation,
            room.affiliation_of(wish.account),
            *wish.affiliation,
            actor.same_bare(wish.account));
    }
    const Occupant* const target = room.occupants.by_nick(wish.nick);
    const Rank theirs = target != nullptr ? room.rank_of(*target) : Rank{};
    return may_change_role(rank, theirs, *wish.role, target != nullptr && target->has(actor));
}

bool same_target(const Wish& one, const Wish& other)
{
    const bool same_account = one.affiliation && other.affiliation && one.account == other.account;
    const bool same_nick = one.role && other.role && one.nick == other.nick;
    const bool both_reserve =
        !one.reserved.value_or("").empty() && !other.reserved.value_or("").empty();
    const bool same_reserved =
        both_reserve && look_alike(look_of(*one.reserved), look_of(*other.reserved));
    return same_account || same_nick || same_reserved;
}

// All of a request, or nothing of it, happens.
Result<std::vector<Wish>> read_wishes(const Room& room, const Jid& actor, const Element& query)
{
    std::vector<Wish> wishes;
    std::size_t owners = room.affiliations.owners();
    for (const Element* const item : query.children()) {
        if (!item->is(admin_ns, "item")) {
            continue;
        }
        Result<Wish> wish = read_wish(room, *item);
        if (!wish) {
            return fail(wish.error());
        }
        if (auto may = allowed(room, actor, *wish); !may) {
            return fail(may.error());
        }
        if (std::ranges::any_of(
                wishes, [&wish](const Wish& other) { return same_target(other, *wish); })) {
            return fail(Condition::bad_request, "Somebody is named twice");
        }
        if (wish->affiliation) {
            owners += *wish->affiliation == Affiliation::owner ? 1U : 0U;
            owners -= room.affiliations.item(wish->account).affiliation == Affiliation::owner;
        }
        wishes.push_back(std::move(*wish));
    }
    if (wishes.empty()) {
        return fail(Condition::bad_request, "Nothing is asked for");
    }
    if (owners == 0) {
        return fail(Condition::conflict, "A room has an owner");
    }
    return wishes;
}

AffiliationItem item_of(const Room& room, const Wish& wish)
{
    AffiliationItem item = room.affiliations.item(wish.account);
    item.affiliation = *wish.affiliation;
    item.reason = wish.reason;
    item.nick = wish.reserved.value_or(item.nick);
    return item;
}

Result<void> nicks_free(const Room& room, const std::vector<Wish>& wishes)
{
    for (const Wish& wish : wishes) {
        const std::string nick = wish.reserved.value_or("");
        if (!wish.affiliation || nick.empty()) {
            continue;
        }
        for (const Jid& holder : room.affiliations.reserved_alike(look_of(nick))) {
            if (holder != wish.account) {
                return fail(Condition::conflict, "This nickname is reserved, or one like it");
            }
        }
    }
    return {};
}

// §9.5: who has had no affiliation with a room that is for members only.
bool is_new_member(const Room& room, const Wish& wish)
{
    return room.config.members_only && !wish.account.local().empty() &&
           *wish.affiliation == Affiliation::member &&
           room.affiliation_of(wish.account) == Affiliation::none;
}

Element list_of(const Room& room, Affiliation affiliation)
{
    Element reply{admin_ns, "query"};
    for (const Jid& account : room.affiliations.list(affiliation)) {
        const AffiliationItem kept = room.affiliations.item(account);
        Element& item = reply.add("item");
        item.set("affiliation", name(affiliation)).set("jid", account.str());
        if (!kept.nick.empty()) {
            item.set("nick", kept.nick);
        }
        if (!kept.reason.empty()) {
            item.add("reason").text(kept.reason);
        }
    }
    return reply;
}

Element list_of(const Room& room, Role role)
{
    Element reply{admin_ns, "query"};
    for (const auto& occupant : room.occupants.all()) {
        if (occupant->role == role) {
            add_item(reply, room.rank_of(*occupant), occupant->shown().jid.str(), occupant->nick());
        }
    }
    return reply;
}

} // namespace

Task<IqAnswer> list_people(Room& room, const Stanza& request, const Element& query)
{
    const Element* const item = query.child(admin_ns, "item");
    if (item == nullptr) {
        co_return fail(Condition::bad_request, "Which list?");
    }
    const Rank rank = room.rank_of(request.from);
    if (const auto affiliation = affiliation_named(item->attribute("affiliation"))) {
        if (auto may = may_read_affiliations(room.config, rank, *affiliation); !may) {
            co_return fail(may.error());
        }
        co_return std::optional{list_of(room, *affiliation)};
    }
    if (const auto role = role_named(item->attribute("role"))) {
        if (auto may = may_read_roles(rank, *role); !may) {
            co_return fail(may.error());
        }
        co_return std::optional{list_of(room, *role)};
    }
    co_return fail(Condition::bad_request, "A list is of an affiliation or of a role");
}

Task<IqAnswer> change_people(Room& room, const Stanza& request, const Element& query)
{
    const Result<std::vector<Wish>> wishes = read_wishes(room, request.from, query);
    if (!wishes) {
        co_return fail(wishes.error());
    }
    if (auto free = nicks_free(room, *wishes); !free) {
        co_return fail(free.error());
    }
    std::vector<std::pair<Jid, AffiliationItem>> changes;
    for (const Wish& wish : *wishes) {
        if (wish.affiliation) {
            changes.emplace_back(wish.account, item_of(room, wish));
        }
    }
    Task<Result<void>> keeping = room.muc.keep_affiliations(room, changes);
    const Result<void> kept = co_await keeping;
    if (!kept) {
        co_return fail(kept.error());
    }
    IqAnswer done = confirm(room, request);
    const Occupant* const occupant = room.occupants.by_session(request.from);
    const std::string actor{occupant != nullptr ? occupant->nick() : std::string_view{}};
    for (const Wish& wish : *wishes) {
        const Cause cause{actor, wish.reason};
        if (wish.affiliation) {
            const bool new_member = is_new_member(room, wish);
            set_affiliation(room, wish.account, item_of(room, wish), cause);
            if (new_member) {
                invite_member(room, request, wish.account);
            }
        } else if (Occupant* const target = room.occupants.by_nick(wish.nick)) {
            set_role(room, *target, *wish.role, cause);
        }
    }
    co_return std::move(done);
}

} // namespace sarang::muc
