// SPDX-License-Identifier: Apache-2.0
// Durations and sizes as people write them: "30s", "512KiB".
#pragma once

#include "base/api.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

/// Milliseconds, of "500ms", "30s", "5m", "2h", "10d", "2y" (of 365 days) or "forever", which is
/// the most that there is; nothing for what is none or overflows.
SARANG_API std::optional<std::int64_t> parse_duration(std::string_view text);
/// In the largest unit that leaves no rest.
SARANG_API std::string duration_text(std::int64_t milliseconds);

/// Bytes, of "10240", "10KiB", "512MiB", "1GiB", "2TiB"; nothing for what is none or overflows.
SARANG_API std::optional<std::int64_t> parse_size(std::string_view text);
/// In the largest unit that leaves no rest.
SARANG_API std::string size_text(std::int64_t bytes);

} // namespace sarang
