// SPDX-License-Identifier: Apache-2.0
// The words of XEP-0198, read and written. Keeps nothing.
#pragma once

#include "base/error.h"
#include "xml/element.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sarang {

inline constexpr std::string_view sm_ns = "urn:xmpp:sm:3";

/// An xs:unsignedInt, in plain digits.
std::optional<std::uint32_t> unsigned_int(std::string_view text);

/// Whether an xs:boolean is true.
bool is_true(std::string_view text);

/// An element with this `h`.
Element counted(std::string_view name, std::uint32_t h);

Element failed(Condition condition);

/// The client acknowledged what it was never sent.
StreamError too_high(std::uint32_t h, std::uint32_t sent);

} // namespace sarang
