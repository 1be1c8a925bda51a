// SPDX-License-Identifier: Apache-2.0
// Trouble: why writes are refused, told to the log once a minute at most, and once when it is over.
// The writer's thread; value() any.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/counter.h"
#include "store/lmdb/group.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sarang::lmdb {

class SARANG_API Trouble {
public:
    /// Tells of a group that was seen to. `map_bytes`: what the database may grow to.
    void note(const GroupOutcome& outcome, std::uint64_t map_bytes, Clock::Time now);

    /// The code of what was refused last, 0 when something has been written since.
    int code() const { return static_cast<int>(code_.value()); }

private:
    void begin(std::uint64_t map_bytes, Clock::Time now);
    void end();

    Gauge code_;
    std::uint64_t refused_ = 0; ///< since it began
    std::optional<Clock::Time> told_;
    bool announced_ = false; ///< this one was told of
};

/// What stands in the way, for an operator.
SARANG_API std::string trouble_text(int code, std::uint64_t map_bytes);

} // namespace sarang::lmdb
