// SPDX-License-Identifier: Apache-2.0
// Nicknames as people see them: which ones they take for one another (the comparison of RFC 8266,
// and the confusables of UTS 39), and which hide something.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace sarang {

/// Two are alike if either of these is the same in both.
struct NicknameLook {
    std::string folded; ///< case, width and spaces aside
    std::string shape;  ///< with its case: 'I' is like 'l', 'i' is not
};

/// Of a nickname in UTF-8.
SARANG_API NicknameLook look_of(std::string_view nick);

SARANG_API bool look_alike(const NicknameLook& one, const NicknameLook& other);

/// False for one with characters that nobody sees, or that turn the text around them.
SARANG_API bool is_all_visible(std::string_view nick);

/// Its length in code points.
SARANG_API std::size_t length_of(std::string_view nick);

} // namespace sarang
