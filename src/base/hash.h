// SPDX-License-Identifier: Apache-2.0
// A hash that never changes: buckets, rows of stores and other nodes rely on it. Quick, and no
// defence: whoever can choose the bytes can have two collide.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <string_view>

namespace sarang {

SARANG_API std::uint64_t frozen_hash(std::string_view bytes);

} // namespace sarang
