// SPDX-License-Identifier: Apache-2.0
// SessionId: names a session across shards and nodes; nobody keeps a pointer to one elsewhere.
#pragma once

#include <compare>
#include <cstdint>

namespace sarang {

struct SessionId {
    std::uint16_t node = 0;
    std::uint16_t shard = 0;
    std::uint32_t incarnation = 0; ///< of the node: rises with each start
    std::uint64_t number = 0;      ///< of the shard: rises, never 0 for a real session

    auto operator<=>(const SessionId&) const = default;
};

} // namespace sarang
