// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/subject.h"

#include "core/delay.h"

#include <utility>

#include "modules/muc/muc.h"
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

void set_subject(Room& room, const Stanza& message)
{
    Rewriting subject;
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        if (child.ns.empty() && child.name == "subject") {
            subject.add(child.ns, child.name, child.bytes);
        }
    }
    room.subject = Subject{subject.payload(), message.from, room.clock().wall()};
}

void send_subject(Room& room, const Jid& session)
{
    Stanza message;
    message.type = Type::groupchat;
    message.from = room.jid;
    message.to = session;
    if (room.subject) {
        message.from = room.subject->by;
        message.payload = room.subject->payload;
        add_delay(message, room.jid.str(), room.subject->since);
    } else {
        message.payload = Payload::make(Element{ns::client, "subject"});
    }
    room.router().route(std::move(message));
}

} // namespace sarang::muc
