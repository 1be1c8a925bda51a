// SPDX-License-Identifier: Apache-2.0
// Messages to a room that are not for all: mediated invitations and what comes of them
// (XEP-0045 §7.8.2), and requests for voice (§7.13).
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Whether a message to the room invites somebody.
bool invites(const Stanza& message);

/// Such a message: all whom it names are invited, or none. Who is a member by that is kept as one
/// before anybody is told. Both outlive the task.
Task<Result<void>> invite_all(Room& room, const Stanza& message);

/// Any other; bad-request for what is none of these.
Result<void> take_letter(Room& room, const Stanza& message);

/// Who has become a member of a members-only room by a request is told where (§9.5).
void invite_member(Room& room, const Stanza& request, const Jid& member);

} // namespace sarang::muc
