// SPDX-License-Identifier: Apache-2.0
// The values of a form that a room was sent: each is what it may be, or not-acceptable with the
// name of its field.
#pragma once

#include "core/data_form.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sarang::muc {

/// not-acceptable, because of this field.
Failure refuse(std::string_view var, std::string_view why);

/// The one value of a field; nothing where there is none. It points into the form.
Result<std::optional<std::string_view>> value_of(const DataForm& form, std::string_view var);

/// As value_of(), of so many bytes at the most; empty for a field that is there without one.
Result<std::optional<std::string_view>>
text_of(const DataForm& form, std::string_view var, std::size_t limit);

Result<std::optional<bool>> flag_of(const DataForm& form, std::string_view var);

/// Nothing for what is no number from 0 to `limit`.
std::optional<std::uint32_t> number_of(std::string_view digits, std::uint32_t limit);

/// All values of a field, each once, without their resources where `bare`. An empty one is left
/// out.
Result<std::optional<std::vector<Jid>>>
addresses_of(const DataForm& form, std::string_view var, std::size_t limit, bool bare);

} // namespace sarang::muc
