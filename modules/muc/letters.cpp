// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/letters.h"

#include "core/data_form.h"

#include <utility>
#include <vector>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/standing.h"
#include "modules/muc/voice.h"

namespace sarang::muc {
namespace {

// What the room writes to somebody on behalf of another.
void send(Room& room, const Stanza& cause, const Jid& to, const Element& x)
{
    Stanza message;
    message.id = cause.id;
    message.lang = cause.lang;
    message.from = room.jid;
    message.to = to;
    message.payload = Payload::make(x);
    room.router().route(std::move(message));
}

void copy_children(const Element& from, Element& to)
{
    for (const std::string_view name : {"reason", "continue"}) {
        if (const Element* const child = from.child(user_ns, name)) {
            to.add(*child);
        }
    }
}

// §7.8.2: by whom, and with the password.
Element invitation_from(const Room& room, const Jid& inviter, const Element* wish)
{
    Element x{user_ns, "x"};
    Element& invite = x.add("invite");
    invite.set("from", inviter.str());
    if (wish != nullptr) {
        copy_children(*wish, invite);
    }
    if (!room.config.password.empty()) {
        x.add("password").text(room.config.password);
    }
    return x;
}

struct Invited {
    Jid address;
    const Element* wish; ///< <invite/> as it came
};

Result<Jid> invitee_of(const Room& room, const Element& wish)
{
    Result<Jid> invitee = Jid::parse(wish.attribute("to"));
    if (!invitee) {
        return fail(Condition::jid_malformed, "An invitation is for an address");
    }
    if (invitee->local().empty()) {
        return fail(Condition::not_acceptable, "An invitation is for an account");
    }
    if (room.affiliation_of(*invitee) == Affiliation::outcast) {
        return fail(Condition::forbidden, "Whom you invite is banned");
    }
    return invitee;
}

Result<std::vector<Invited>> invited_by(const Room& room, const Stanza& message, const Element& x)
{
    const Occupant* const inviter = room.occupants.by_session(message.from);
    if (inviter == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    if (!may_invite(room.config, room.rank_of(*inviter))) {
        return fail(Condition::forbidden, "You may not invite anybody into this room");
    }
    std::vector<Invited> invited;
    for (const Element* const wish : x.children()) {
        if (!wish->is(user_ns, "invite")) {
            continue;
        }
        Result<Jid> invitee = invitee_of(room, *wish);
        if (!invitee) {
            return std::move(invitee).failure();
        }
        invited.push_back({std::move(*invitee), wish});
    }
    if (invited.empty()) {
        return fail(Condition::bad_request, "Whom do you invite?");
    }
    if (invited.size() > room.muc.most_invited()) {
        return fail(Condition::policy_violation, "Too many are invited at once");
    }
    return invited;
}

// Those who are members by that.
AffiliationChanges admissions(const Room& room, const std::vector<Invited>& invited)
{
    AffiliationChanges changes;
    for (const Invited& one : invited) {
        if (room.config.members_only && room.affiliation_of(one.address) == Affiliation::none) {
            AffiliationItem item = room.affiliations.item(one.address);
            item.affiliation = Affiliation::member;
            changes.emplace_back(one.address.bare(), std::move(item));
        }
    }
    return changes;
}

// It goes to whom the client names, an occupant or an account (§7.8.2), if he has invited. Nobody
// but those in the room is written to in its name, and nobody is told who that is.
Result<void> decline(Room& room, const Stanza& message, const Element& refusal)
{
    const Result<Jid> named = Jid::parse(refusal.attribute("to"));
    if (!named) {
        return fail(Condition::jid_malformed, "A refusal is for an address");
    }
    if (room.affiliation_of(message.from) == Affiliation::outcast) {
        return {};
    }
    const std::optional<Invitation> invitation = room.invitations.take(message.from, *named);
    if (!invitation) {
        return fail(Condition::item_not_found, "There is no such invitation of yours");
    }
    Element x{user_ns, "x"};
    Element& decline = x.add("decline");
    decline.set("from", message.from.bare_str());
    copy_children(refusal, decline);
    for (const Occupant* const occupant : room.occupants.of(invitation->inviter)) {
        for (const Session& session : occupant->sessions) {
            send(room, message, session.jid, x);
        }
    }
    return {};
}

} // namespace

bool invites(const Stanza& message)
{
    const std::optional<Element> x = message.element(user_ns, "x");
    return x && message.type == Type::normal && x->child(user_ns, "decline") == nullptr;
}

Task<Result<void>> invite_all(Room& room, const Stanza& message)
{
    const std::optional<Element> x = message.element(user_ns, "x");
    const std::vector<Invited> invited = co_await ok(invited_by(room, message, *x));
    const Jid inviter = room.occupants.by_session(message.from)->address;
    const Jid account = message.from.bare();
    const AffiliationChanges members = admissions(room, invited);
    Task<Result<void>> keeping = room.muc.keep_affiliations(room, members);
    const Result<void> kept = co_await keeping;
    co_await ok(kept);
    for (const auto& [member, item] : members) {
        set_affiliation(room, member, item, {});
    }
    for (const Invited& one : invited) {
        room.invitations.note({one.address.bare(), inviter, account});
        send(room, message, one.address, invitation_from(room, inviter, one.wish));
    }
    co_return Result<void>{};
}

void invite_member(Room& room, const Stanza& request, const Jid& member)
{
    const Occupant* const inviter = room.occupants.by_session(request.from);
    const Jid by = inviter != nullptr ? inviter->address : request.from.bare();
    room.invitations.note({member.bare(), by, request.from.bare()});
    send(room, request, member, invitation_from(room, by, nullptr));
}

Result<void> take_letter(Room& room, const Stanza& message)
{
    const std::optional<Element> x = message.element(user_ns, "x");
    if (x && message.type == Type::normal) {
        if (const Element* const refusal = x->child(user_ns, "decline")) {
            return decline(room, message, *refusal);
        }
    }
    const std::optional<Element> filled = message.element(data_form_ns, "x");
    if (filled && message.type == Type::normal) {
        const Result<DataForm> form = DataForm::read(*filled);
        if (!form) {
            return fail(form.error());
        }
        if (form->form_type() == voice_type) {
            return take_voice_form(room, message, *form);
        }
    }
    return fail(Condition::bad_request, "What is for all is of type groupchat");
}

} // namespace sarang::muc
