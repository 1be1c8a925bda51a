// SPDX-License-Identifier: Apache-2.0
// InboundCount: how many stanzas of a client, counted from the first without a gap, have been seen
// to. Most wait their turn in the session's lane; some are refused at once, in front of those.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sarang {

class SARANG_API InboundCount {
public:
    /// `first` is for tests of the wrap.
    explicit InboundCount(std::uint64_t first = 0)
        : submitted_{first}
    {}

    /// One came and is given to the lane.
    void submit() { ++submitted_; }

    /// One came and was seen to at once, while `inside` were in the lane.
    void refuse(std::size_t inside);

    /// How many were seen to, modulo 2^32, while `inside` are in the lane: those that were there
    /// before the counting began are in front of all others.
    std::uint32_t passed(std::size_t inside);

    /// How many came.
    std::uint32_t received() const;

private:
    /// Refused ones that stand behind `after` others.
    struct Run {
        std::uint64_t after;
        std::uint32_t count;
    };

    void forget_passed(std::uint64_t done);

    std::uint64_t submitted_;
    std::uint32_t refused_ = 0;              ///< those that nothing stands in front of
    std::unique_ptr<std::vector<Run>> runs_; ///< the others, which are rare
};

} // namespace sarang
