// SPDX-License-Identifier: Apache-2.0
// The word that was most likely meant by one that is not known.
#pragma once

#include "base/api.h"

#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// The candidate that takes the fewest slips of the finger to get from; empty when none is near.
SARANG_API std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// A word in quotes, fit for a terminal: what could move its cursor is escaped, and what is long
/// is cut.
SARANG_API std::string in_quotes(std::string_view word);

} // namespace sarang
