// SPDX-License-Identifier: Apache-2.0
// Leaving a room (XEP-0045 §7.14), of one's own will or not (§8.2, §9.1, §10.9, §11.1).
#pragma once

#include "xml/stanza.h"

#include <optional>
#include <string>

#include "modules/muc/room.h"
#include "modules/muc/showing.h"

namespace sarang::muc {

/// Presence of type unavailable from a session; nothing for one that is not here.
void take_unavailable(Room& room, const Stanza& presence);

/// An error from a session: one that tells that it is gone has it leave, as a ghost.
void take_error(Room& room, const Stanza& stanza);

/// All sessions of an occupant leave. `showing` says why. The reference is void then.
void eject(Room& room, Occupant& occupant, const Showing& showing);

/// Tells all that they are in it no more, since the service ends. What is kept of it stays.
void close_down(Room& room);

/// Tells all that the room is no more, and where else to go (§10.9), and empties it. What is kept
/// of it is the caller's to remove.
void dissolve(Room& room, const Element& destroy);

} // namespace sarang::muc
