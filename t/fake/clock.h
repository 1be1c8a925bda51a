// SPDX-License-Identifier: Apache-2.0
// ManualClock: stands still until a test turns it, from one thread; any may look.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <chrono>

namespace sarang {

class ManualClock final : public Clock {
public:
    Time now() const override { return Time{Time::duration{now_.load()}}; }

    Wall wall() const override { return Wall{Wall::duration{wall_.load()}}; }

    /// Both clocks go on together.
    void advance(std::chrono::nanoseconds by)
    {
        now_ += std::chrono::duration_cast<Time::duration>(by).count();
        passed_ += by;
        const auto whole = std::chrono::floor<std::chrono::milliseconds>(passed_);
        wall_ += whole.count();
        passed_ -= whole;
    }

    /// Sets the wall clock alone, as an operator or NTP does.
    void set_wall(Wall wall) { wall_ = wall.time_since_epoch().count(); }

private:
    // Any moment will do, but zero would hide what forgets to look.
    std::atomic<Time::rep> now_{Time::duration{std::chrono::hours{1}}.count()};
    std::atomic<Wall::rep> wall_{
        Wall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}.time_since_epoch().count()};
    std::chrono::nanoseconds passed_{0}; ///< of the wall's current millisecond
};

} // namespace sarang
