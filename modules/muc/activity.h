// SPDX-License-Identifier: Apache-2.0
// How much is said in a room (XEP-0502): a count for each hour of the last day, and the one that
// runs.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sarang::muc {

class Activity {
public:
    /// Of a room that is made now: all that is ever said there is counted.
    void begin(Clock::Wall now);
    /// Of one of which nothing is known yet: its rate is, an hour later.
    void begin_unknown(Clock::Wall now);

    bool begun() const { return begun_; }

    /// A message that counts. Whether it is the first of its hour, so that the last one is over.
    bool note(Clock::Wall now);

    /// Whether there was any since it was asked before, which is all to keep now.
    bool take_unkept() { return std::exchange(unkept_, false); }

    /// Messages per hour, of the last day or of all the time for which it is known, which is taken
    /// for an hour at the least; nothing where it is not known.
    std::optional<double> rate(Clock::Wall now) const;

    void write(BytesWriter& out) const;
    /// False for what that did not give.
    bool read(BytesReader& in);

private:
    static constexpr std::size_t hours = 25;

    std::uint64_t counted(std::uint64_t hour) const;

    bool unkept_ = false;
    bool begun_ = false;
    bool whole_ = false;                        ///< known from its beginning
    std::uint64_t since_ = 0;                   ///< seconds of UTC, as all times here
    std::uint64_t latest_ = 0;                  ///< the hour of the last count
    std::array<std::uint32_t, hours> counts_{}; ///< by hour, the place being its remainder
};

/// As XEP-0502 shows it.
std::string rate_text(double rate);

} // namespace sarang::muc
