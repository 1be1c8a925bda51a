// SPDX-License-Identifier: Apache-2.0
// StreamQueue: the stanzas that were written to a client and that it has not acknowledged, in
// order, and those that wait until it is there again. They are numbered from 1, modulo 2^32. Heads
// and shared payloads; one shard's thread.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "core/delivery.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

namespace sarang {

class SARANG_API StreamQueue {
public:
    struct Entry {
        Stanza stanza;
        Clock::Wall time;       ///< when it was written first
        Ref<Delivery> delivery; ///< if it went to other sessions too
    };

    /// The next `sent()` is one higher than `first`, for tests of the wrap.
    explicit StreamQueue(std::uint32_t first = 0)
        : sent_{first}
    {}

    void push(Entry entry);

    /// One that is not written before the client comes back. Of presence, which says how its sender
    /// is now, only the newest of each sender stays; what a room says of the client itself stays.
    void push_unwritten(Entry entry);

    /// The client is back, and was written all.
    void all_written();

    /// Forgets all up to number `h`; one that was acknowledged before says nothing new. False
    /// when so many were not written.
    [[nodiscard]] bool acknowledge(std::uint32_t h);

    /// The number of the last one.
    std::uint32_t sent() const { return sent_; }

    /// The number of the last one that was written.
    std::uint32_t written() const { return sent_ - unwritten_; }

    /// The number of the last one that was acknowledged.
    std::uint32_t acknowledged() const { return sent_ - static_cast<std::uint32_t>(size()); }

    /// How many were not written.
    std::size_t unwritten() const { return unwritten_; }

    bool empty() const { return entries_.empty(); }

    std::size_t size() const { return entries_.size(); }

    /// About the memory that they take.
    std::size_t bytes() const { return bytes_; }

    /// The same without the newest, which may be large.
    std::size_t bytes_before_newest() const;
    /// The same of those that were not written.
    std::size_t unwritten_bytes_before_newest() const;

    const std::list<Entry>& entries() const { return entries_; }

    /// Gives them away.
    std::list<Entry> take();

private:
    using Entries = std::list<Entry>; // not a deque: that takes half a kilobyte when it is empty
    using Newest = std::unordered_map<Jid, Entries::iterator>;

    void make_room_for(const Stanza& presence);

    Entries entries_;
    std::unique_ptr<Newest> newest_; ///< of the presence that was not written, if there is any
    std::uint32_t bytes_ = 0;
    std::uint32_t sent_;
    std::uint32_t unwritten_ = 0;
    std::uint32_t unwritten_bytes_ = 0;
};

} // namespace sarang
