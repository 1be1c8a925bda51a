// SPDX-License-Identifier: Apache-2.0
// What an operator has done to a room: carried out in the room's turn, on its shard. An order is an
// object with the name of the deed as "do" and what commands.cpp says beside it.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/json.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// The room outlives the task.
Task<Result<Json>> obey(Room& room, Json order);

// In settings.cpp.
Task<Result<Json>> list_settings(Room& room, Json order);
Task<Result<Json>> change_settings(Room& room, Json order);

} // namespace sarang::muc
