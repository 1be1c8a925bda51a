// SPDX-License-Identifier: Apache-2.0
// What keeps one person from wearing out a room (XEP-0045 §14.6). The errors are those of RFC 6120
// §8.3.3.12: it is a policy that is in the way, not a lack of resources, and waiting helps.
#pragma once

#include "base/result.h"
#include "core/option_base.h"

#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

/// policy-violation: what is too soon, and in how many seconds it is not.
Failure too_soon(std::string_view what, Milliseconds left);

/// Counts something that all may be shown: it is not to come faster than [muc] rate. Owners and
/// admins are exempt.
Result<void> not_too_fast(Room& room, const Jid& who);

/// The same of requests to others in the room, which clients make on their own, so that they keep
/// nobody from speaking.
Result<void> asks_not_too_fast(Room& room, const Jid& who);

/// not-authorized where the room takes another password. One that is given is not even looked at
/// while `who` has to pause after wrong ones.
Result<void> check_password(Room& room, const Jid& who, std::string_view password);

} // namespace sarang::muc
