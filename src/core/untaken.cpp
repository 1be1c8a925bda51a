// SPDX-License-Identifier: Apache-2.0
#include "core/untaken.h"

#include <algorithm>

namespace sarang {

std::size_t untaken(const Resource& resource)
{
    const Pipe* const pipe = resource.pipe();
    const Hibernation* const kept = resource.hibernation();
    const std::size_t queued = pipe != nullptr ? pipe->facts().queued : 0;
    return std::max(queued, kept != nullptr ? kept->queue.bytes() : 0);
}

} // namespace sarang
