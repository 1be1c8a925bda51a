// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/api.h"

#include <string>
#include <string_view>

namespace sarang {

/// A text in UTF-8 as it is compared where case and forms of characters that look alike are the
/// same (NFKC_Casefold). What is not UTF-8 comes out as something. Any thread.
SARANG_API std::string casefold(std::string_view text);

} // namespace sarang
