// SPDX-License-Identifier: Apache-2.0
// IndexLag: how many entries of each archive have come into its blocks since, and are not in the
// search index; and a place to wait where that is too many. What was missing before (at a start,
// or where an index is made anew) does not count. Any thread.
#pragma once

#include "base/api.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::lmdb {

class SARANG_API IndexLag {
public:
    explicit IndexLag(std::uint64_t most = std::numeric_limits<std::uint64_t>::max())
        : most_{most}
    {}

    /// Entries of an owner came into blocks.
    void add(std::string_view owner, std::uint64_t entries);
    /// So many are not indexed.
    std::uint64_t of(std::string_view owner) const;
    /// So many are by now.
    void subtract(std::string_view owner, std::uint64_t entries);

    /// Somebody's index lags too far, and that is to be waited for.
    bool over() const { return over_.load(std::memory_order_relaxed); }

    /// Whose; it lags furthest of all.
    std::optional<std::string> furthest() const;
    /// How far that is.
    std::uint64_t largest() const;

    /// The index cannot be written now, or it can again: nobody waits for it meanwhile.
    void suspend(bool on);

    /// Waits until no index lags too far; so long at most.
    void wait(std::chrono::nanoseconds longest) const;

    std::uint64_t most() const { return most_; }

private:
    using Lags = std::map<std::string, std::uint64_t, std::less<>>;

    Lags::const_iterator find_furthest() const;
    void note();

    const std::uint64_t most_;
    mutable std::mutex mutex_;
    mutable std::condition_variable below_;
    Lags lags_; ///< of those who lag at all
    bool suspended_ = false;
    std::atomic<bool> over_{false};
};

} // namespace sarang::lmdb
