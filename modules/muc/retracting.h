// SPDX-License-Identifier: Apache-2.0
// What was said to all is taken back: by who said it (XEP-0424), or by a moderator (XEP-0425, in
// requests.h). A tombstone is kept before anybody is told, so that a crash leaves no original
// beside its retraction.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// Of a message to all.
bool is_retraction(const Stanza& message);

/// Says it to all once all is kept. forbidden for what is another's to take back. One of which
/// the room knows nothing any more is passed on: it may be where it was sent. All outlive the task.
Task<Result<void>> retract(Room& room, const Stanza& message);

} // namespace sarang::muc
