// SPDX-License-Identifier: Apache-2.0
// AddressBook: what is remembered of the networks that clients come from: how many of their
// connections have not logged in, and how often a log-in failed. Each network's state is kept by
// the shard of its hash alone; it is bounded and ages.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "core/option.h"
#include "net/address.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace sarang {

class SARANG_API AddressBook {
public:
    AddressBook(Schema& schema, std::shared_ptr<const Config> config, const Clock& clock);

    /// Counts a connection that has not logged in; false when its network has too many.
    bool admit(const NetworkKey& network);
    /// It has logged in, or is gone. Requires that it was admitted.
    void leave(const NetworkKey& network);

    /// Notes a failed log-in; how long its answer is to be held back.
    std::chrono::milliseconds failed(const NetworkKey& network);
    /// A log-in succeeded: what failed before is forgiven.
    void succeeded(const NetworkKey& network);

    std::size_t size() const { return entries_.size(); }

    Options& options() { return options_; }

private:
    struct Entry {
        std::int64_t connections = 0;
        std::int64_t failures = 0;
        Clock::Time last_failure{};
        std::list<NetworkKey>::iterator age;
    };

    Entry& entry(const NetworkKey& network);
    void forget_if_empty(const NetworkKey& network);
    void make_room();

    const Clock& clock_;
    Options options_;
    Option<std::int64_t> connections_;
    Option<std::int64_t> networks_;
    Option<Milliseconds> first_delay_;
    Option<Milliseconds> longest_delay_;
    Option<Milliseconds> memory_;
    std::unordered_map<NetworkKey, Entry> entries_;
    std::list<NetworkKey> by_age_; ///< least lately used first
};

} // namespace sarang
