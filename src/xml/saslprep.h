// SPDX-License-Identifier: Apache-2.0
// SASLprep (RFC 4013): what becomes of a password before it is hashed or compared, so that it is
// the same from every keyboard. Pure; may run on any thread.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sarang {

/// RFC 3454 §7: what is kept may hold only code points that Unicode 3.2 had assigned; what is
/// compared with it may hold any, and then does not match.
enum class StringUse : std::uint8_t { stored, query };

/// The longest text that is prepared, in bytes.
inline constexpr std::size_t max_saslprep = 1023;

/// The prepared text, which may be empty; `not-acceptable` with the reason as its text, worded to
/// follow "The password".
SARANG_API Result<std::string> saslprep(std::string_view text, StringUse use);

} // namespace sarang
