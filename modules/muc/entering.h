// SPDX-License-Identifier: Apache-2.0
// Entering a room, and what an occupant says of himself there (XEP-0045 §7.2, §7.6, §7.7, §10.1).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Presence without a type to an address in the room.
Result<void> take_available(Room& room, const Stanza& presence);

} // namespace sarang::muc
