// SPDX-License-Identifier: Apache-2.0
// Slow mode (XEP-0500): who has spoken lately, so that nobody does again too soon, under another
// nickname or after a new entry either.
#pragma once

#include "base/clock.h"
#include "core/option_base.h"
#include "xml/jid.h"

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace sarang::muc {

class SlowMode {
public:
    /// Of more, those who spoke first are forgotten early.
    static constexpr std::size_t most_remembered = 10'000;

    /// How long an account has to wait still, where there is to be that much between two messages.
    /// Zero for one that may speak.
    Milliseconds left(const Jid& account, Clock::Time now, Milliseconds between) const;

    /// It speaks now. Forgets those who have waited as long.
    void note(const Jid& account, Clock::Time now, Milliseconds between);

    std::size_t size() const { return last_.size(); }

private:
    void forget_first();

    std::unordered_map<Jid, Clock::Time> last_;
    std::list<std::pair<Clock::Time, Jid>> order_; ///< the oldest first
};

} // namespace sarang::muc
