// SPDX-License-Identifier: Apache-2.0
// How a line of the log is spelt, so that nothing a peer sends can pass for another line, end
// one, or play with the reader's terminal.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace sarang {

/// The longest line that is written, in bytes as they came; the rest becomes "…".
inline constexpr std::size_t log_line_limit = 4096;

/// Appends text with everything escaped that is not printed as itself: control characters,
/// bytes that are no UTF-8, and what changes the direction of text.
SARANG_API void escape_line(std::string& out, std::string_view text);

/// Appends a field's value: as it is, or in quotes where a reader could see the end of it, or the
/// next field, too early.
SARANG_API void quote_value(std::string& out, std::string_view value);

} // namespace sarang
