// SPDX-License-Identifier: Apache-2.0
// Screening: what occupants are about to say is offered to those who watch over words
// (Hooks::said_in_room), before it counts for anything.
#pragma once

#include "base/result.h"
#include "core/utterance.h"
#include "xml/stanza.h"

#include <optional>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

struct Screening {
    bool dropped = false;          ///< it is to be said to nobody, and no error is told
    std::optional<Stanza> changed; ///< with the texts that it is to have
};

/// A message from an occupant, to all or to another.
Result<Screening>
screen(Room& room, const Occupant& speaker, const Stanza& message, Utterance::Kind kind);

/// The same of one to all, whichever kind that is.
Result<Screening> screen_speech(Room& room, const Occupant& speaker, const Stanza& message);

/// A nickname that somebody wants, who sent `stanza` for it.
Result<void> screen_nick(Room& room, const Stanza& stanza, std::string_view nick);

} // namespace sarang::muc
