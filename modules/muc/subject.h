// SPDX-License-Identifier: Apache-2.0
// The subject of a room (XEP-0045 §7.2.15, §8.1).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

/// Whether a message to all changes the subject: it has one, and neither body nor thread.
bool is_subject_change(const Stanza& message);

/// forbidden for those who may not.
Result<void> may_set_subject(const Room& room, const Occupant& occupant);

/// What sets it to nothing, said by the room.
Stanza no_subject();

/// Whether that is the message that has set it, by the name that the room gave that.
bool is_subject(const Room& room, std::string_view name);

/// Of that: whose it is, and how the room has named it. Requires that there is one.
Stanza subject_message(const Room& room);

/// From a message that was sent to all.
void set_subject(Room& room, const Stanza& message);

/// To a session that has entered.
void send_subject(Room& room, const Jid& session);

} // namespace sarang::muc
