// SPDX-License-Identifier: Apache-2.0
// What somebody may be called in a room: nobody takes part by a nickname that hides something, or
// that looks like another's (XEP-0045 §7.2.8, §14.6).
#pragma once

#include "base/result.h"
#include "xml/jid.h"

#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

/// Whether anybody may be called so: jid-malformed for what is not to be seen, policy-violation for
/// a nickname that is too long.
Result<void> may_be_a_nick(const Room& room, std::string_view nick);

/// conflict where it looks like that of somebody else who is here, or is reserved for another.
Result<void> is_nobody_elses(const Room& room, const Jid& account, std::string_view nick);

} // namespace sarang::muc
