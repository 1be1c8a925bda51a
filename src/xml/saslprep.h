// SPDX-License-Identifier: Apache-2.0
// SASLprep (RFC 4013): what becomes of a password before it is hashed or compared, so that it is
// the same from every keyboard. Pure; may run on any thread.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace sarang {

/// The longest text that is prepared, in bytes.
inline constexpr std::size_t max_saslprep = 1023;

/// The prepared text, which may be empty; `not-acceptable` with the reason as its text, worded to
/// follow "The password". Code points that Unicode 3.2 did not know stay as they are, also in what
/// is kept, which RFC 4013 §2.5 forbids: people have emoji in their passwords, as RFC 8265 allows.
SARANG_API Result<std::string> saslprep(std::string_view text);

} // namespace sarang
