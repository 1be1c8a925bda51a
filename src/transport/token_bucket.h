// SPDX-License-Identifier: Apache-2.0
// TokenBucket: how much of something may pass, at a steady rate with a burst. What passes may
// overdraw it; then it says how long to wait.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sarang {

class TokenBucket {
public:
    struct Rate {
        double per_second; ///< 0: no limit
        double burst;
    };

    /// Takes `amount` at the time `now`.
    void take(double amount, const Rate& rate, std::chrono::nanoseconds now)
    {
        if (rate.per_second > 0) {
            const std::chrono::duration<double> since = now - last_;
            used_ = std::max(0.0, used_ - since.count() * rate.per_second) + amount;
            last_ = now;
        }
    }

    /// How long until nothing is overdrawn; zero when nothing is.
    std::chrono::nanoseconds wait(const Rate& rate) const
    {
        if (rate.per_second <= 0 || used_ <= rate.burst) {
            return std::chrono::nanoseconds{0};
        }
        const std::chrono::duration<double> wait{(used_ - rate.burst) / rate.per_second};
        return std::chrono::ceil<std::chrono::nanoseconds>(wait);
    }

private:
    double used_ = 0;
    std::chrono::nanoseconds last_{};
};

} // namespace sarang
