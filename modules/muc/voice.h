// SPDX-License-Identifier: Apache-2.0
// Requests for voice, and what moderators say to them (XEP-0045 §7.13, §8.6).
#pragma once

#include "base/result.h"
#include "core/data_form.h"
#include "xml/stanza.h"

#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

inline constexpr std::string_view voice_type = "http://jabber.org/protocol/muc#request";

/// A form of that type which an occupant has sent to the room.
Result<void> take_voice_form(Room& room, const Stanza& message, const DataForm& form);

} // namespace sarang::muc
