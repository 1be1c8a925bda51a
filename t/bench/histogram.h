// SPDX-License-Identifier: Apache-2.0
// Counts times in buckets whose width is 1/64 of their value: quantiles to 1.6 %.

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "clock.h"

namespace sarang::bench {

class Histogram {
public:
    void add(Nanoseconds time)
    {
        ++counts_[index(time)];
        ++total_;
        largest_ = std::max(largest_, time);
    }

    // The time below which the share `quantile` of all lies.
    Nanoseconds at(double quantile) const
    {
        const auto rank = static_cast<uint64_t>(quantile * static_cast<double>(total_));
        uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            seen += counts_[bucket];
            if (seen > rank) {
                return std::min(upper(bucket), largest_);
            }
        }
        return largest_;
    }

    Nanoseconds largest() const { return largest_; }

private:
    static constexpr unsigned bits = 6;

    // Values below 128 have a bucket each; above, the 7 leading bits choose it.
    static std::size_t index(Nanoseconds time)
    {
        const auto width = static_cast<unsigned>(std::bit_width(time));
        if (width <= bits + 1) {
            return static_cast<std::size_t>(time);
        }
        const unsigned shift = width - bits - 1;
        return (static_cast<std::size_t>(shift) << bits) + static_cast<std::size_t>(time >> shift);
    }

    static Nanoseconds upper(std::size_t bucket)
    {
        if (bucket < (std::size_t{2} << bits)) {
            return bucket;
        }
        const auto shift = (bucket >> bits) - 1;
        const auto leading = bucket - (shift << bits);
        return ((leading + 1) << shift) - 1;
    }

    std::array<uint64_t, (64 - bits + 1) << bits> counts_{};
    uint64_t total_ = 0;
    Nanoseconds largest_ = 0;
};

} // namespace sarang::bench
