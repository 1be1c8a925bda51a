// SPDX-License-Identifier: Apache-2.0
// What follows when an occupant's role or an account's affiliation is another (XEP-0045 §8, §9):
// who sees it, and who must leave. That it may be so, and is kept, is seen to before.
#pragma once

#include <string>

#include "modules/muc/room.h"

namespace sarang::muc {

/// By whom, in his own words.
struct Cause {
    std::string actor; ///< a nickname; empty: nobody in the room
    std::string reason;
};

/// none is to be kicked. The reference is void then.
void set_role(Room& room, Occupant& occupant, Role role, const Cause& cause);

/// Of all occupants of that account: who is banned or may not be here any more leaves.
void set_affiliation(Room& room, const Jid& account, AffiliationItem item, const Cause& cause);

/// The room is for members only now: the others leave (§10.2.1, status 322).
void remove_strangers(Room& room);

} // namespace sarang::muc
