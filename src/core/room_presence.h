// SPDX-License-Identifier: Apache-2.0
// What presence of a room (XEP-0045) says to a client, as far as others than the room must know.
#pragma once

#include "base/api.h"
#include "xml/stanza.h"

namespace sarang {

/// Whether it is the client's own: by that it knows that it is in, by which name, or why it is out.
/// None of these says again what one before it said.
SARANG_API bool is_own_room_presence(const Stanza& presence);

} // namespace sarang
