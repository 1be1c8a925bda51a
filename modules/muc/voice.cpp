// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/voice.h"

#include "base/id.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "modules/muc/muc.h"
#include "modules/muc/standing.h"

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view role_field = "muc#role";
constexpr std::string_view session_field = "muc#jid";
constexpr std::string_view nick_field = "muc#roomnick";
constexpr std::string_view allow_field = "muc#request_allow";

// Moderators are asked by so many at the most, and by each once in a while: they may have missed
// it.
constexpr std::size_t most_waiting = 64;
constexpr Milliseconds asked_again_after = 1min;
constexpr Milliseconds waits_for = 10min;

std::vector<Jid> moderators_of(const Room& room)
{
    std::vector<Jid> sessions;
    for (const auto& occupant : room.occupants.all()) {
        if (may(occupant->role, RolePrivilege::grant_voice)) {
            const std::vector<Jid> theirs = occupant->session_jids();
            sessions.insert(sessions.end(), theirs.begin(), theirs.end());
        }
    }
    return sessions;
}

Failure wait_failure(std::string text)
{
    return fail(Error{Condition::resource_constraint, std::move(text), {}, ErrorType::wait});
}

// Whoever has left or has voice waits no more, nor does who was not answered for long.
Result<void> queue(Room& room, const Jid& session)
{
    const Clock::Time now = room.clock().now();
    std::vector<VoiceRequest>& waiting = room.voice_requests;
    std::erase_if(waiting, [&](const VoiceRequest& one) {
        return one.since + waits_for <= now || room.occupants.by_session(one.session) == nullptr;
    });
    const auto earlier = std::ranges::find_if(
        waiting, [&](const VoiceRequest& one) { return one.session.same_bare(session); });
    if (earlier == waiting.end() && waiting.size() >= most_waiting) {
        return wait_failure("Too many ask for voice");
    }
    if (earlier == waiting.end()) {
        waiting.push_back({session, now});
        return {};
    }
    if (now < earlier->since + asked_again_after) {
        return wait_failure("You have asked for voice already");
    }
    earlier->since = now;
    return {};
}

FormField
field(std::string_view type, std::string_view var, std::string_view label, std::string_view value)
{
    return {std::string{type}, std::string{var}, std::string{label}, {std::string{value}}};
}

Element request_form(const Occupant& visitor, const Jid& session)
{
    DataForm form{"form", std::string{voice_type}};
    form.title("Voice request");
    FormField role = field("list-single", role_field, "Requested role", name(Role::participant));
    role.choices.push_back({"Participant", std::string{name(Role::participant)}});
    form.add(std::move(role));
    form.add(field("jid-single", session_field, "Who asks", session.str()));
    form.add(field("text-single", nick_field, "Nickname", visitor.nick()));
    form.add(field("boolean", allow_field, "Grant voice to this person?", "false"));
    return form.element();
}

Result<void> asks_for_voice(const DataForm& form)
{
    const Result<std::optional<std::string>> role = form.text(role_field);
    if (!role) {
        return fail(role.error());
    }
    if (*role && **role != name(Role::participant)) {
        return fail(Condition::bad_request, "Only the role of a participant is asked for");
    }
    return {};
}

Result<void> ask(Room& room, const Stanza& message, const Occupant& visitor)
{
    if (!room.config.voice_requests) {
        return fail(Condition::forbidden, "Voice is not asked for in this room");
    }
    if (may(visitor.role, RolePrivilege::speak)) {
        return {}; // there is nothing to ask for
    }
    const std::vector<Jid> moderators = moderators_of(room);
    if (moderators.empty()) {
        return fail(Condition::recipient_unavailable, "No moderator is here");
    }
    if (auto queued = queue(room, message.from); !queued) {
        return queued;
    }
    Stanza request;
    request.id = random_id();
    request.from = room.jid;
    request.payload = Payload::make(request_form(visitor, message.from));
    room.router().route_to_many(request, moderators);
    return {};
}

// The visitor that a form names: nickname and session, which tells him from one who took it since.
Result<Occupant*> named_in(const Room& room, const DataForm& form)
{
    const Result<std::optional<std::string>> nick = form.text(nick_field);
    if (!nick) {
        return fail(nick.error());
    }
    const Result<std::optional<Jid>> session = form.jid(session_field);
    if (!session) {
        return fail(session.error());
    }
    if (!*nick || !*session) {
        return fail(Condition::bad_request, "Who is to have voice?");
    }
    Occupant* const occupant = room.occupants.by_nick(**nick);
    if (occupant == nullptr || !(*session)->same_bare(occupant->account)) {
        return fail(Condition::item_not_found, "Who asked is not here any more");
    }
    return occupant;
}

// That nobody has asked is no reason to refuse: a moderator may grant voice at any time.
Result<void> decide(Room& room, const DataForm& form, const Occupant& moderator)
{
    if (!may(moderator.role, RolePrivilege::grant_voice)) {
        return fail(Condition::forbidden, "Only moderators grant voice");
    }
    const Result<std::optional<bool>> allow = form.boolean(allow_field);
    if (!allow) {
        return fail(allow.error());
    }
    const Result<Occupant*> found = named_in(room, form);
    if (!found) {
        return fail(found.error());
    }
    Occupant& visitor = **found;
    std::erase_if(room.voice_requests, [&](const VoiceRequest& one) {
        return visitor.account.same_bare(one.session);
    });
    if (allow->value_or(false) && !may(visitor.role, RolePrivilege::speak)) {
        set_role(room, visitor, Role::participant, {std::string{moderator.nick()}, {}});
    }
    return {};
}

} // namespace

Result<void> take_voice_form(Room& room, const Stanza& message, const DataForm& form)
{
    const Occupant* const sender = room.occupants.by_session(message.from);
    if (sender == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    if (form.type() != "submit") {
        return {}; // a moderator has cancelled it
    }
    if (auto asked = asks_for_voice(form); !asked) {
        return asked;
    }
    return form.find(allow_field) != nullptr ? decide(room, form, *sender)
                                             : ask(room, message, *sender);
}

} // namespace sarang::muc
