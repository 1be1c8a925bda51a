// SPDX-License-Identifier: Apache-2.0
// Making a room by entering it (XEP-0045 §10.1), and how many one may make (§14.6).
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Makes the room that a presence with <x/> is sent to, for take_available() to let its owner in.
/// One that is persistent from the first on is kept before. not-allowed for who may make none, or
/// no more; resource-constraint where the service has as many as it takes. Both outlive the task.
Task<Result<void>> found_room(Room& room, const Stanza& presence);

} // namespace sarang::muc
