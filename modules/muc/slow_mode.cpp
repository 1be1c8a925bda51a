// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/slow_mode.h"

#include <algorithm>
#include <chrono>

namespace sarang::muc {

Milliseconds SlowMode::left(const Jid& account, Clock::Time now, Milliseconds between) const
{
    const auto last = last_.find(account);
    if (last == last_.end()) {
        return Milliseconds::zero();
    }
    const auto left = std::chrono::ceil<Milliseconds>(last->second + between - now);
    return std::max(left, Milliseconds::zero());
}

void SlowMode::note(const Jid& account, Clock::Time now, Milliseconds between)
{
    while (!order_.empty() && order_.front().first + between <= now) {
        forget_first();
    }
    last_[account] = now;
    order_.emplace_back(now, account);
    while (order_.size() > most_remembered) {
        forget_first();
    }
}

// What was said later counts, where there is any.
void SlowMode::forget_first()
{
    const auto& [time, account] = order_.front();
    const auto last = last_.find(account);
    if (last != last_.end() && last->second == time) {
        last_.erase(last);
    }
    order_.pop_front();
}

} // namespace sarang::muc
