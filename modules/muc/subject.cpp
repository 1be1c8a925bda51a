// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/subject.h"

#include "base/id.h"
#include "core/delay.h"

#include <utility>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"

namespace sarang::muc {

bool is_subject_change(const Stanza& message)
{
    return message.has(ns::client, "subject") && !message.has(ns::client, "body") &&
           !message.has(ns::client, "thread");
}

Result<void> may_set_subject(const Room& room, const Occupant& occupant)
{
    if (!may_change_subject(room.config, occupant.role)) {
        return fail(Condition::forbidden, "You may not change the subject");
    }
    return {};
}

Stanza no_subject()
{
    Stanza message;
    message.id = random_id();
    message.payload = Payload::make(Element{ns::client, "subject"});
    return message;
}

Stanza subject_message(const Room& room)
{
    Stanza message;
    message.type = Type::groupchat;
    message.from = room.subject->by;
    message.payload = room.subject->payload;
    return message;
}

bool is_subject(const Room& room, std::string_view name)
{
    return room.subject && is_named(subject_message(room), room.jid, name);
}

// With who has set it, and how the room has named that, which are shown again and are what a
// moderator refers to.
void set_subject(Room& room, const Stanza& message)
{
    Rewriting subject;
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        const bool kept = (child.ns.empty() && child.name == "subject") ||
                          child.ns == occupant_id_ns || child.ns == stanza_id_ns;
        if (kept) {
            subject.add(child.ns, child.name, child.bytes);
        }
    }
    room.subject = Subject{subject.payload(), message.from, room.clock().wall()};
}

void send_subject(Room& room, const Jid& session)
{
    Stanza message;
    if (room.subject) {
        message = subject_message(room);
        add_delay(message, room.jid.str(), room.subject->since);
    } else {
        message = no_subject();
        message.id.clear();
        message.type = Type::groupchat;
        message.from = room.jid;
    }
    message.to = session;
    room.router().route(std::move(message));
}

} // namespace sarang::muc
