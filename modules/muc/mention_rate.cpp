// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/mention_rate.h"

#include <chrono>

namespace sarang::muc {
namespace {

constexpr std::chrono::minutes window{1};

} // namespace

bool MentionRate::take(const Jid& account, Clock::Time now, std::size_t most)
{
    while (!taken_.empty() && taken_.front().first + window <= now) {
        const auto count = counts_.find(taken_.front().second);
        if (--count->second == 0) {
            counts_.erase(count);
        }
        taken_.pop_front();
    }
    const auto count = counts_.find(account);
    if ((count != counts_.end() ? count->second : 0) >= most) {
        return false;
    }
    ++counts_[account];
    taken_.emplace_back(now, account);
    return true;
}

} // namespace sarang::muc
