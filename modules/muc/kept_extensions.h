// SPDX-License-Identifier: Apache-2.0
// What a room keeps for extensions of XEP-0045, as bytes: the versions of its affiliations, its
// hats, what it tells of its avatar, and how much was said.
#pragma once

#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

std::string encode_extensions(const Room& room);

/// False for what that did not give. Nothing is as good as none of them; what a later version has
/// added to the end is left unread.
bool decode_extensions(std::string_view bytes, Room& room);

} // namespace sarang::muc
