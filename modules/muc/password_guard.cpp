// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/password_guard.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace sarang::muc {

Milliseconds PasswordGuard::left(const Jid& who, Clock::Time now) const
{
    const auto found = entries_.find(who);
    if (found == entries_.end() || found->second.until <= now) {
        return Milliseconds::zero();
    }
    return std::chrono::ceil<Milliseconds>(found->second.until - now);
}

void PasswordGuard::failed(const Jid& who, Clock::Time now, const Pauses& pauses)
{
    if (pauses.first == Milliseconds::zero()) {
        return;
    }
    while (!order_.empty() && entries_.find(order_.front())->second.forgotten <= now) {
        forget(Jid{order_.front()});
    }
    Entry& known = entry(who);
    if (known.forgotten <= now) {
        known.failures = 0;
    }
    ++known.failures;
    Milliseconds pause = Milliseconds::zero();
    if (known.failures >= free_tries) {
        pause = pauses.first;
        for (unsigned i = free_tries; i < known.failures && pause < pauses.longest; ++i) {
            pause *= 2;
        }
        pause = std::min(pause, pauses.longest);
    }
    known.until = now + pause;
    known.forgotten = known.until + 2 * pauses.longest;
}

void PasswordGuard::succeeded(const Jid& who)
{
    if (entries_.contains(who)) {
        forget(who);
    }
}

PasswordGuard::Entry& PasswordGuard::entry(const Jid& who)
{
    const auto found = entries_.find(who);
    if (found != entries_.end()) {
        order_.splice(order_.end(), order_, found->second.place);
        return found->second;
    }
    if (entries_.size() >= most_remembered) {
        forget(Jid{order_.front()});
    }
    order_.push_back(who);
    Entry& made = entries_[who];
    made.place = std::prev(order_.end());
    return made;
}

void PasswordGuard::forget(const Jid& who)
{
    const auto found = entries_.find(who);
    order_.erase(found->second.place);
    entries_.erase(found);
}

} // namespace sarang::muc
