// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace sarang {

/// The first code point of a text and how many bytes it takes: no bytes when the text is empty
/// or does not begin with a whole, valid sequence.
struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;
    bool cut = false; ///< none yet: the text ends within a sequence
};

SARANG_API CodePoint first_code_point(std::string_view text);

/// Requires a code point that UTF-8 can express.
SARANG_API void append_utf8(std::string& out, char32_t value);

} // namespace sarang
