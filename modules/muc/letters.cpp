// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/letters.h"

#include "core/data_form.h"

#include <utility>
#include <vector>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
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

Result<void> invite(Room& room, const Stanza& message, const Element& invitation)
{
    const Occupant* const inviter = room.occupants.by_session(message.from);
    if (inviter == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    const Result<Jid> invitee = Jid::parse(invitation.attribute("to"));
    if (!invitee) {
        return fail(Condition::jid_malformed, "An invitation is for an address");
    }
    if (invitee->local().empty()) {
        return fail(Condition::not_acceptable, "An invitation is for an account");
    }
    if (!may_invite(room.config, room.rank_of(*inviter))) {
        return fail(Condition::forbidden, "You may not invite anybody into this room");
    }
    const Affiliation affiliation = room.affiliation_of(*invitee);
    if (affiliation == Affiliation::outcast) {
        return fail(Condition::forbidden, "Whom you invite is banned");
    }
    if (room.config.members_only && affiliation == Affiliation::none) {
        room.muc.admit(room, invitee->bare());
    }
    send(room, message, *invitee, invitation_from(room, inviter->address, &invitation));
    return {};
}

Result<void> invite_all(Room& room, const Stanza& message, const Element& x)
{
    std::vector<const Element*> invitations = x.children();
    std::erase_if(invitations, [](const Element* one) { return !one->is(user_ns, "invite"); });
    if (invitations.empty()) {
        return fail(Condition::bad_request, "Whom do you invite?");
    }
    if (invitations.size() > room.muc.most_invited()) {
        return fail(Condition::policy_violation, "Too many are invited at once");
    }
    for (const Element* const invitation : invitations) {
        if (auto invited = invite(room, message, *invitation); !invited) {
            return invited;
        }
    }
    return {};
}

// It goes to the occupant who invited, or to the account that the client names (§7.8.2).
Result<void> decline(Room& room, const Stanza& message, const Element& refusal)
{
    const Result<Jid> inviter = Jid::parse(refusal.attribute("to"));
    if (!inviter) {
        return fail(Condition::jid_malformed, "A refusal is for an address");
    }
    std::vector<Jid> sessions;
    if (inviter->same_bare(room.jid)) {
        if (const Occupant* const occupant = room.occupants.by_nick(inviter->resource())) {
            sessions = occupant->session_jids();
        }
    } else {
        // Nobody but those in the room is written to in its name, and nobody is told who that is.
        for (const Occupant* const occupant : room.occupants.of(inviter->bare())) {
            const std::vector<Jid> theirs = occupant->session_jids();
            sessions.insert(sessions.end(), theirs.begin(), theirs.end());
        }
    }
    if (sessions.empty() || room.affiliation_of(message.from) == Affiliation::outcast) {
        return {};
    }
    Element x{user_ns, "x"};
    Element& decline = x.add("decline");
    decline.set("from", message.from.bare_str());
    copy_children(refusal, decline);
    for (const Jid& session : sessions) {
        send(room, message, session, x);
    }
    return {};
}

} // namespace

void invite_member(Room& room, const Stanza& request, const Jid& member)
{
    const Occupant* const inviter = room.occupants.by_session(request.from);
    const Jid by = inviter != nullptr ? inviter->address : request.from.bare();
    send(room, request, member, invitation_from(room, by, nullptr));
}

Result<void> take_letter(Room& room, const Stanza& message)
{
    const std::optional<Element> x = message.element(user_ns, "x");
    if (x && message.type == Type::normal) {
        if (const Element* const refusal = x->child(user_ns, "decline")) {
            return decline(room, message, *refusal);
        }
        return invite_all(room, message, *x);
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
