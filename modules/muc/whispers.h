// SPDX-License-Identifier: Apache-2.0
// The private messages of late (XEP-0045 §7.5), so that who sent one is told when it does not
// arrive. Nobody else is, and nobody leaves the room for that.
#pragma once

#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Remembers one as it is sent, and gives it an id if it has none; one with a very long id is not.
void note_whisper(Room& room, const Stanza& came, const Occupant& listener, Stanza& whispered);

/// Passes an error back to who sent the private message that it is about; false where there is
/// none. Of the error, what tells something of the other's address stays behind.
bool return_whisper(Room& room, const Stanza& error);

} // namespace sarang::muc
