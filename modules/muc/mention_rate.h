// SPDX-License-Identifier: Apache-2.0
// MentionRate: how often an account has others told that it mentions them: so often in a minute.
#pragma once

#include "base/clock.h"
#include "xml/jid.h"

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace sarang::muc {

class MentionRate {
public:
    /// Whether it may do so now, which counts.
    bool take(const Jid& account, Clock::Time now, std::size_t most);

private:
    std::list<std::pair<Clock::Time, Jid>> taken_; ///< of the last minute
    std::unordered_map<Jid, std::size_t> counts_;  ///< of those
};

} // namespace sarang::muc
