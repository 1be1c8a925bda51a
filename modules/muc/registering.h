// SPDX-License-Identifier: Apache-2.0
// Registration with a room (XEP-0045 §7.10, §9.9): who registers is a member by a nickname that is
// reserved for him, in a room for members only once an admin has agreed. The requests themselves
// are in requests.h.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/data_form.h"
#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

inline constexpr std::string_view nick_field = "muc#register_roomnick";

/// A form of muc#register; nothing for one that was cancelled, bad-request for what is none.
Result<std::optional<DataForm>> submitted(const Element* x);

/// The nickname that it names, normalised; not-acceptable for none.
Result<std::string> nick_of(const Room& room, const DataForm& form);

/// conflict where it is somebody else's, or will be.
Result<void> is_free(const Room& room, const Jid& account, std::string_view nick);

/// Makes a member, and reserves the nickname.
Task<Result<void>> enroll(Room& room, Jid account, std::string nick);

/// Who was not answered for long does not wait any more.
void forget_old_applicants(Room& room);

/// Has the admins asked.
Task<Result<void>> apply(Room& room, Applicant applicant);

/// Whether a message to the room is an admin's answer to who wants to register, by its form.
bool answers_applicant(const Stanza& message);

/// Such a message. Both outlive the task.
Task<Result<void>> take_answer(Room& room, const Stanza& message);

} // namespace sarang::muc
