// SPDX-License-Identifier: Apache-2.0
// Entering a room, and what an occupant says of himself there (XEP-0045 §7.2, §7.6, §7.7, §10.1).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Whether a presence without a type may be looked at, whoever sends it: of a nickname that can be,
/// and with a readable wish to enter, if there is one.
Result<void> may_knock(const Room& room, const Stanza& presence);

/// Presence without a type to an address in the room. `created`: by that.
Result<void> take_available(Room& room, const Stanza& presence, bool created = false);

} // namespace sarang::muc
