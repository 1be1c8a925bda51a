// SPDX-License-Identifier: Apache-2.0
// What an owner may do with a room (XEP-0045 §10), for whoever may as well.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/data_form.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <vector>

#include "modules/muc/room.h"

namespace sarang::muc {

/// Tells all that the room is another now, by these codes (§10.2.1); nothing where there are none.
void tell_change(Room& room, const std::vector<unsigned>& codes);

// All arguments outlive the task.

/// By a form of muc#roomconfig. Who may not be there any more leaves, and all are told; before
/// that, the `request` is confirmed, where there is one.
Task<Result<void>> configure(Room& room, const DataForm& form, const Stanza* request = nullptr);

/// Ends the room; `told` is the <destroy/> that those who are there see.
Task<Result<void>> destroy_for(Room& room, const Element& told);

} // namespace sarang::muc
