// SPDX-License-Identifier: Apache-2.0
// What a room's vCard-temp (XEP-0054) says of its avatar (XEP-0486).
#pragma once

#include "base/result.h"
#include "xml/element.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::muc {

inline constexpr std::string_view vcard_ns = "vcard-temp";

/// Formats of one picture; more would serve nobody.
inline constexpr std::size_t most_photos = 8;

/// The hash of each <PHOTO/> (XEP-0153); none for a vCard without. bad-request for one that is no
/// picture inside, not-acceptable for what is no picture at all, policy-violation for too many.
Result<std::vector<std::string>> avatar_hashes(const Element& vcard);

} // namespace sarang::muc
