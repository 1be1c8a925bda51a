// SPDX-License-Identifier: Apache-2.0
// How much a client still has to read: for those who have much to send and do so in pieces.
#pragma once

#include "base/api.h"
#include "core/resource.h"

#include <cstddef>

namespace sarang {

/// Bytes that its client has not taken: in our queue, or, where it acknowledges (XEP-0198),
/// anywhere on the way, also while it is away.
SARANG_API std::size_t untaken(const Resource& resource);

} // namespace sarang
