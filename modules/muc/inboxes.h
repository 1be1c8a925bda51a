// SPDX-License-Identifier: Apache-2.0
// What a room tells the inboxes of accounts (XEP-0430): of members of a room for members only,
// whether they are there or not, of members elsewhere who are there, and where it is configured so
// of all who are there, a note for each of whom costs more than the message. It says which message
// it is; the message itself stays in the room's archive, so that a room without one tells nothing.
// Each shard is told once, with its list of accounts.
#pragma once

#include <string>

#include "modules/muc/room.h"
#include "modules/muc/speaking.h"

namespace sarang::muc {

/// What was said to all, once it was.
void note_speech(Room& room, const Speech& speech);

/// A message is not to be read any more: it was taken back.
void note_retraction(Room& room, const std::string& message);

/// An account has nothing to do with the room any more.
void note_departure(Room& room, const Jid& account);

/// The room ends.
void note_end(Room& room);

} // namespace sarang::muc
