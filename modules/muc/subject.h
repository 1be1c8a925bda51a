// SPDX-License-Identifier: Apache-2.0
// The subject of a room (XEP-0045 §7.2.15, §8.1).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Whether a message to all changes the subject: it has one, and neither body nor thread.
bool is_subject_change(const Stanza& message);

/// forbidden for those who may not.
Result<void> may_set_subject(const Room& room, const Occupant& occupant);

/// From a message that was sent to all.
void set_subject(Room& room, const Stanza& message);

/// To a session that has entered.
void send_subject(Room& room, const Jid& session);

} // namespace sarang::muc
