// SPDX-License-Identifier: Apache-2.0
// Pace: how fast each account may have a room do something, as a token bucket: at a steady rate,
// with a burst. Of nobody is more kept than a moment, and that only while it counts.
#pragma once

#include "base/clock.h"
#include "core/option_base.h"
#include "xml/jid.h"

#include <cstddef>
#include <list>
#include <unordered_map>

namespace sarang::muc {

class Pace {
public:
    struct Rate {
        double per_second; ///< 0: no limit
        double burst;      ///< at least one
    };

    /// Of more accounts, the one that did nothing for longest is forgotten early.
    static constexpr std::size_t most_remembered = 10'000;

    Pace() = default;
    Pace(Pace&&) = default; // a copy would share places in the list
    Pace& operator=(Pace&&) = default;

    /// Takes one, or tells how long to wait for the next and takes none.
    Milliseconds take(const Jid& account, Clock::Time now, const Rate& rate);

    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        Clock::Time full; ///< when its bucket will be
        std::list<Jid>::iterator place;
    };

    void forget_first();

    std::unordered_map<Jid, Entry> entries_;
    std::list<Jid> order_; ///< who took one last stands last
};

} // namespace sarang::muc
