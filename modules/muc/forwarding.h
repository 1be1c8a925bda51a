// SPDX-License-Identifier: Apache-2.0
// Requests from one occupant to another (XEP-0045 §6.6, business rules of IQ stanzas), and the one
// to oneself that tells whether one is in the room at all (XEP-0410).
#pragma once

#include "base/result.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// To an occupant's address. not-acceptable for who is not in the room, item-not-found for who is
/// not there to be asked.
Result<void> forward_request(Room& room, const Stanza& request);

/// A result or an error, to an occupant's address. What nobody asked for is dropped.
void forward_answer(Room& room, const Stanza& answer);

} // namespace sarang::muc
