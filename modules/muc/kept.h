// SPDX-License-Identifier: Apache-2.0
// A room as bytes: what is kept of it besides its configuration, and the whole of it while the
// module is exchanged.
#pragma once

#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

/// What StoredRoom::state holds: the subject, who wants to register, and what extensions keep.
std::string encode_state(const Room& room);
/// False for what that did not give.
bool decode_state(std::string_view bytes, Room& room);

/// With occupants and history; all but what occupants have asked one another.
std::string encode_room(const Room& room);
/// Into a new room of the same address. False for what that did not give.
bool decode_room(std::string_view bytes, Room& room);

} // namespace sarang::muc
