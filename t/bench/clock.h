// SPDX-License-Identifier: Apache-2.0
// Monotonic time in whole nanoseconds.

#pragma once

#include <chrono>
#include <cstdint>

namespace sarang::bench {

using Nanoseconds = uint64_t;

constexpr Nanoseconds per_second = 1'000'000'000;

inline Nanoseconds now()
{
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<Nanoseconds>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

} // namespace sarang::bench
