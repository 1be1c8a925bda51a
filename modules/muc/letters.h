// SPDX-License-Identifier: Apache-2.0
// Messages to a room that are not for all: mediated invitations and what comes of them
// (XEP-0045 §7.8.2), and requests for voice (§7.13).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// bad-request for what is neither.
Result<void> take_letter(Room& room, const Stanza& message);

/// Who has become a member of a members-only room by a request is told where (§9.5).
void invite_member(Room& room, const Stanza& request, const Jid& member);

} // namespace sarang::muc
