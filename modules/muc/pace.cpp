// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/pace.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace sarang::muc {

Milliseconds Pace::take(const Jid& account, Clock::Time now, const Rate& rate)
{
    if (rate.per_second <= 0) {
        return Milliseconds::zero();
    }
    while (!order_.empty() && entries_.find(order_.front())->second.full <= now) {
        forget_first(); // a full bucket is as good as none
    }
    const std::chrono::duration<double> each{1 / rate.per_second};
    const auto found = entries_.find(account);
    const Clock::Time full = found != entries_.end() ? std::max(found->second.full, now) : now;
    const std::chrono::duration<double> lacks = full - now + each;
    if (lacks > each * rate.burst) {
        return std::chrono::ceil<Milliseconds>(lacks - each * rate.burst);
    }
    const Clock::Time then = full + std::chrono::ceil<Clock::Time::duration>(each);
    if (found != entries_.end()) {
        found->second.full = then;
        order_.splice(order_.end(), order_, found->second.place);
        return Milliseconds::zero();
    }
    if (entries_.size() >= most_remembered) {
        forget_first();
    }
    order_.push_back(account);
    entries_.emplace(account, Entry{then, std::prev(order_.end())});
    return Milliseconds::zero();
}

void Pace::forget_first()
{
    entries_.erase(order_.front());
    order_.pop_front();
}

} // namespace sarang::muc
