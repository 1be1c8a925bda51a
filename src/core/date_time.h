// SPDX-License-Identifier: Apache-2.0
// Moments as protocols write them (XEP-0082).
#pragma once

#include "base/api.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace sarang {

/// "2010-07-10T23:08:25Z"; with milliseconds only where there are any.
SARANG_API std::string date_time(Clock::Wall time);

/// A DateTime of any offset; what is finer than a millisecond is cut off. Nothing for what is none.
SARANG_API std::optional<Clock::Wall> parse_date_time(std::string_view text);

} // namespace sarang
