// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/speaking.h"

#include "base/id.h"
#include "core/service/archive.h"
#include "xml/writer.h"

#include <utility>

#include "modules/muc/archive.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"
#include "modules/muc/subject.h"

namespace sarang::muc {
namespace {

std::string occupant_id_of(const Occupant& occupant)
{
    std::string xml = "<occupant-id xmlns='urn:xmpp:occupant-id:0'";
    write_attribute(xml, "id", occupant.id);
    return xml += "/>";
}

std::string stanza_id_of(const Room& room, std::string_view id)
{
    std::string xml = "<stanza-id xmlns='urn:xmpp:sid:0'";
    write_attribute(xml, "by", room.jid.str());
    write_attribute(xml, "id", id);
    return xml += "/>";
}

Result<void> may_say(const Room& room, const Occupant& speaker, const Stanza& message)
{
    if (is_subject_change(message)) {
        return may_set_subject(room, speaker);
    }
    if (!may(speaker.role, RolePrivilege::speak)) {
        return fail(Condition::forbidden, "You have no voice in this room");
    }
    return {};
}

// To nobody, and with who he is who says it, which is for those who may know.
Result<std::optional<Kept>>
keep(Room& room, const Stanza& said, const Occupant& speaker, const Jid& session)
{
    if (room.muc.archive_of(room) == nullptr) {
        return std::optional<Kept>{};
    }
    Stanza kept = said;
    kept.to = Jid{};
    kept.payload = Rewriting{}
                       .keep(said.payload)
                       .add(user_ns, "x", author_of(room, speaker, session))
                       .payload();
    return room.muc.keep(room, kept);
}

} // namespace

Result<Speech> prepare(Room& room, Stanza&& message)
{
    const Occupant* const speaker = room.occupants.by_session(message.from);
    if (speaker == nullptr) {
        return fail(Condition::not_acceptable, "You are not in the room");
    }
    if (auto allowed = may_say(room, *speaker, message); !allowed) {
        return fail(allowed.error());
    }
    Speech speech;
    Rewriting said;
    said.keep(message, room.jid.str());
    said.add(occupant_id_ns, "occupant-id", occupant_id_of(*speaker));
    speech.said = message;
    speech.said.from = speaker->address;
    speech.said.to = room.jid;
    speech.said.hidden = 0;
    speech.said.added.clear();
    speech.said.payload = said.payload();
    Result<std::optional<Kept>> kept = keep(room, speech.said, *speaker, message.from);
    if (!kept) {
        return fail(std::move(kept).error());
    }
    if (*kept) {
        speech.ticket = (*kept)->ticket;
        speech.said.entry = static_cast<std::uint64_t>((*kept)->entry);
        said.add(stanza_id_ns, "stanza-id", (*kept)->stamp);
    } else {
        said.add(stanza_id_ns, "stanza-id", stanza_id_of(room, random_id()));
    }
    speech.said.payload = said.payload();
    speech.came = std::move(message);
    return speech;
}

void say(Room& room, const Speech& speech)
{
    room.router().route_to_many(speech.said, room.occupants.session_jids());
    if (is_subject_change(speech.said)) {
        set_subject(room, speech.said);
        room.muc.keep_soon(room);
    } else {
        room.history.add(speech.said, room.clock().wall(), room.config.history);
    }
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
    Stanza whispered = message;
    whispered.from = speaker->address;
    whispered.hidden = 0;
    whispered.added.clear();
    whispered.payload = Rewriting{}
                            .keep(message, room.jid.str())
                            .add(user_ns, "x", "<x xmlns='http://jabber.org/protocol/muc#user'/>")
                            .add(occupant_id_ns, "occupant-id", occupant_id_of(*speaker))
                            .payload();
    room.router().route_to_many(whispered, listener->session_jids());
    return {};
}

} // namespace sarang::muc
