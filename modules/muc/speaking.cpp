// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/speaking.h"

#include "base/id.h"
#include "core/service/archive.h"
#include "xml/writer.h"

#include <chrono>
#include <string>
#include <utility>

#include "modules/muc/archive.h"
#include "modules/muc/inboxes.h"
#include "modules/muc/mentions.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"
#include "modules/muc/screening.h"
#include "modules/muc/showing.h"
#include "modules/muc/subject.h"
#include "modules/muc/whispers.h"

namespace sarang::muc {
namespace {

constexpr std::string_view correction_ns = "urn:xmpp:message-correct:0";

std::string stanza_id_of(const Room& room, std::string_view id)
{
    std::string xml = "<stanza-id xmlns='urn:xmpp:sid:0'";
    write_attribute(xml, "by", room.jid.str());
    write_attribute(xml, "id", id);
    return xml += "/>";
}

// XEP-0500: chat states and the like do not count, and nobody who runs the room is slowed down.
bool counts(const Room& room, const Occupant& speaker, const Stanza& message)
{
    return room.config.slow_mode != 0 && message.has(ns::client, "body") &&
           room.affiliation_of(speaker.account) < Affiliation::admin;
}

// XEP-0502 §4: what is shown as a message of its own.
bool is_activity(const Stanza& said)
{
    return said.has(ns::client, "body") && !said.has(correction_ns, "replace") &&
           !said.has(retract_ns, "retract");
}

Milliseconds slow_mode_of(const Room& room)
{
    return std::chrono::seconds{room.config.slow_mode};
}

Result<void> not_too_soon(const Room& room, const Occupant& speaker)
{
    const Milliseconds left =
        room.spoken.left(speaker.account, room.clock().now(), slow_mode_of(room));
    if (left > Milliseconds::zero()) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
        return fail(Error{
            Condition::policy_violation,
            "In this room one message may be sent every " + std::to_string(room.config.slow_mode) +
                " seconds; the next one in " + std::to_string(seconds),
            {},
            ErrorType::wait});
    }
    return {};
}

// Nobody asks for what came after it, but moderators name it by its id.
Speech unkept(const Room& room, Stanza said)
{
    Speech speech;
    Rewriting shown;
    shown.keep(said.payload).add(stanza_id_ns, "stanza-id", stanza_id_of(room, random_id()));
    said.payload = shown.payload();
    speech.said = std::move(said);
    return speech;
}

// To nobody, and with who he is who says it, which is for those who may know.
Result<Speech> keep(Room& room, Stanza said, const std::string& author)
{
    if (room.muc.archive_of(room) == nullptr) {
        return unkept(room, std::move(said));
    }
    Speech speech;
    Rewriting shown;
    shown.keep(said.payload);
    Stanza kept = said;
    kept.to = Jid{};
    if (!author.empty()) {
        kept.payload = Rewriting{}.keep(said.payload).add(user_ns, "x", author).payload();
    }
    Result<std::optional<Kept>> outcome = room.muc.keep(room, kept);
    if (!outcome) {
        return fail(std::move(outcome).error());
    }
    speech.said = std::move(said);
    if (*outcome) {
        speech.ticket = (*outcome)->ticket;
        speech.said.entry = static_cast<std::uint64_t>((*outcome)->entry);
        speech.name = (*outcome)->name;
        speech.to_be_read = (*outcome)->to_be_read;
        shown.add(stanza_id_ns, "stanza-id", (*outcome)->stamp);
    }
    speech.said.payload = shown.payload();
    return speech;
}

// `changed`: what is to be said instead.
Result<Speech>
compose(Room& room, const Occupant& speaker, Stanza&& message, const std::optional<Stanza>& changed)
{
    const Stanza& heard = changed ? *changed : message;
    Stanza said = heard;
    said.from = speaker.address;
    said.to = room.jid;
    said.hidden = 0;
    said.added.clear();
    said.payload = Rewriting{}
                       .keep(heard, room.jid.str())
                       .add(occupant_id_ns, "occupant-id", occupant_id_xml(speaker))
                       .payload();
    const bool kept = room.muc.archive_of(room) != nullptr;
    Result<Speech> speech =
        keep(room, std::move(said), kept ? author_of(room, speaker, message.from) : std::string{});
    if (speech && counts(room, speaker, message)) {
        room.spoken.note(speaker.account, room.clock().now(), slow_mode_of(room));
    }
    if (speech) {
        speech->author = speaker.account;
        speech->mentioned = mentions_in(room, speaker, heard);
        speech->came = std::move(message);
    }
    return speech;
}

} // namespace

Result<void> may_say(const Room& room, const Stanza& message)
{
    const Occupant* const speaker = room.occupants.by_session(message.from);
    if (speaker == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    if (is_subject_change(message)) {
        return may_set_subject(room, *speaker);
    }
    if (!may(speaker->role, RolePrivilege::speak)) {
        return fail(Condition::forbidden, "You have no voice in this room");
    }
    return counts(room, *speaker, message) ? not_too_soon(room, *speaker) : Result<void>{};
}

Result<Speech> prepare(Room& room, Stanza&& message)
{
    if (auto allowed = may_say(room, message); !allowed) {
        return fail(allowed.error());
    }
    const Occupant& speaker = *room.occupants.by_session(message.from);
    const Result<Screening> screening = screen_speech(room, speaker, message);
    if (!screening) {
        return fail(screening.error());
    }
    if (screening->dropped) {
        Speech nothing;
        nothing.dropped = true;
        return nothing;
    }
    return compose(room, speaker, std::move(message), screening->changed);
}

Result<Speech> prepare_screened(Room& room, Stanza&& message, const std::optional<Stanza>& changed)
{
    if (auto allowed = may_say(room, message); !allowed) {
        return fail(allowed.error());
    }
    const Occupant& speaker = *room.occupants.by_session(message.from);
    return compose(room, speaker, std::move(message), changed);
}

Result<Speech> prepare_own(Room& room, Stanza said, const std::string& author)
{
    said.from = room.jid;
    said.type = Type::groupchat;
    return keep(room, std::move(said), author);
}

Result<Speech> prepare_announcement(Room& room, std::string_view text)
{
    Stanza said;
    said.id = random_id();
    said.to = room.jid;
    said.payload = Payload::make(Element{ns::client, "body"}.text(text));
    return prepare_own(room, std::move(said));
}

void say(Room& room, const Speech& speech)
{
    if (speech.dropped) {
        return;
    }
    if (is_activity(speech.said) && room.activity.note(room.clock().wall())) {
        room.muc.keep_soon(room);
    }
    room.router().route_to_many(speech.said, room.occupants.session_jids());
    if (is_subject_change(speech.said)) {
        set_subject(room, speech.said);
        room.muc.keep_soon(room);
    } else if (speech.said.entry != 0 || speech.said.has(ns::client, "body")) {
        room.history.add(speech.said, room.clock().wall(), room.history_bounds());
    }
    note_speech(room, speech);
    forward_to_mentioned(room, speech);
}

Result<void> whisper(Room& room, const Stanza& message)
{
    const Occupant* const speaker = room.occupants.by_session(message.from);
    if (speaker == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    if (message.type == Type::groupchat) {
        return fail(Condition::bad_request, "What is for all goes to the room");
    }
    const Occupant* const listener = room.occupants.by_nick(message.to.resource());
    if (listener == nullptr) {
        return fail(Condition::item_not_found, "Nobody of that name is in the room");
    }
    if (!may_send_private(room.config, speaker->role)) {
        return fail(Condition::forbidden, "You may not send private messages here");
    }
    const Result<Screening> screening =
        screen(room, *speaker, message, Utterance::Kind::private_message);
    if (!screening) {
        return fail(screening.error());
    }
    if (screening->dropped) {
        return {};
    }
    const Stanza& heard = screening->changed ? *screening->changed : message;
    Stanza whispered = heard;
    whispered.from = speaker->address;
    whispered.hidden = 0;
    whispered.added.clear();
    whispered.payload = Rewriting{}
                            .keep(heard, room.jid.str())
                            .add(user_ns, "x", "<x xmlns='http://jabber.org/protocol/muc#user'/>")
                            .add(occupant_id_ns, "occupant-id", occupant_id_xml(*speaker))
                            .payload();
    note_whisper(room, message, *listener, whispered);
    room.router().route_to_many(whispered, listener->session_jids());
    return {};
}

} // namespace sarang::muc
