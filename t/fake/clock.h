// SPDX-License-Identifier: Apache-2.0
// ManualClock: stands still until a test turns it.
#pragma once

#include "base/clock.h"

#include <chrono>

namespace sarang {

class ManualClock final : public Clock {
public:
    Time now() const override { return now_; }

    Wall wall() const override { return wall_; }

    /// Both clocks go on together.
    void advance(std::chrono::nanoseconds by)
    {
        now_ += std::chrono::duration_cast<Time::duration>(by);
        passed_ += by;
        const auto whole = std::chrono::floor<std::chrono::milliseconds>(passed_);
        wall_ += whole;
        passed_ -= whole;
    }

    /// Sets the wall clock alone, as an operator or NTP does.
    void set_wall(Wall wall) { wall_ = wall; }

private:
    // Any moment will do, but zero would hide what forgets to look.
    Time now_{std::chrono::hours{1}};
    Wall wall_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
    std::chrono::nanoseconds passed_{0}; ///< of the wall's current millisecond
};

} // namespace sarang
