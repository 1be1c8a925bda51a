// SPDX-License-Identifier: Apache-2.0
// Clock: what time it is, handed down so that tests can turn it by hand.
#pragma once

#include "base/api.h"

#include <chrono>

namespace sarang {

class SARANG_API Clock {
public:
    /// Never goes back; for deadlines and intervals.
    using Time = std::chrono::steady_clock::time_point;
    /// UTC, which an operator may set; for what people and other machines read.
    using Wall = std::chrono::sys_time<std::chrono::milliseconds>;

    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    virtual Time now() const = 0;
    virtual Wall wall() const = 0;
};

/// The machine's clocks. May be read by any thread.
class SARANG_API SystemClock final : public Clock {
public:
    Time now() const override { return std::chrono::steady_clock::now(); }

    Wall wall() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

} // namespace sarang
