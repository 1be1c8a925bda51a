// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/index_lag.h"

#include <algorithm>

namespace sarang::lmdb {

void IndexLag::add(std::string_view owner, std::uint64_t entries)
{
    const std::lock_guard lock{mutex_};
    auto place = lags_.find(owner);
    if (place == lags_.end()) {
        place = lags_.emplace(owner, 0).first;
    }
    place->second += entries;
    if (place->second > most_) {
        note();
    }
}

std::uint64_t IndexLag::of(std::string_view owner) const
{
    const std::lock_guard lock{mutex_};
    const auto place = lags_.find(owner);
    return place == lags_.end() ? 0 : place->second;
}

void IndexLag::subtract(std::string_view owner, std::uint64_t entries)
{
    const std::lock_guard lock{mutex_};
    const auto place = lags_.find(owner);
    if (place == lags_.end()) {
        return;
    }
    place->second -= std::min(place->second, entries);
    if (place->second == 0) {
        lags_.erase(place);
    }
    if (over_.load(std::memory_order_relaxed)) {
        note();
    }
}

IndexLag::Lags::const_iterator IndexLag::find_furthest() const
{
    return std::ranges::max_element(lags_, {}, &Lags::value_type::second);
}

// Those who lag are few: whoever does no longer is forgotten.
void IndexLag::note()
{
    const auto furthest = find_furthest();
    const bool over = !suspended_ && furthest != lags_.end() && furthest->second > most_;
    over_.store(over, std::memory_order_relaxed);
    if (!over) {
        below_.notify_all();
    }
}

std::optional<std::string> IndexLag::furthest() const
{
    const std::lock_guard lock{mutex_};
    const auto place = find_furthest();
    return place == lags_.end() ? std::nullopt : std::optional{place->first};
}

std::uint64_t IndexLag::largest() const
{
    const std::lock_guard lock{mutex_};
    const auto place = find_furthest();
    return place == lags_.end() ? 0 : place->second;
}

void IndexLag::suspend(bool on)
{
    const std::lock_guard lock{mutex_};
    if (suspended_ != on) {
        suspended_ = on;
        note();
    }
}

void IndexLag::wait(std::chrono::nanoseconds longest) const
{
    std::unique_lock lock{mutex_};
    below_.wait_for(lock, longest, [this] { return !over_.load(std::memory_order_relaxed); });
}

} // namespace sarang::lmdb
