// SPDX-License-Identifier: Apache-2.0
// Feeding: whoever enters a room is told of it as fast as he reads: of the others first, each as he
// is when his turn comes; then, in order, of himself, what was said, the subject, and whatever was
// for him since he entered (XEP-0045 §7.1). All that a room sends to its occupants goes through
// tell() or tell_all(), so that nothing overtakes that.
#pragma once

#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <vector>

namespace sarang::muc {

struct Room;

/// From now on what is told to a session waits, until start_feeding().
void begin_feeding(Room& room, const Jid& session);

/// That was the welcome: shows the first piece of it, and of the room; the rest as it is read.
void start_feeding(Room& room, const Jid& session);

/// What is left for a session that goes, or is welcomed anew: all but those it was not shown yet.
void end_feeding(Room& room, const Jid& session);

/// The next piece. Whether anything is left.
bool feed_piece(Room& room, const Jid& session, std::size_t most);

/// To one session of an occupant, or to several of some.
void tell(Room& room, Stanza stanza, const Jid& session);
void tell_all(Room& room, const Stanza& stanza, const std::vector<Jid>& sessions);

} // namespace sarang::muc
