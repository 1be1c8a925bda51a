// SPDX-License-Identifier: Apache-2.0
// Hibernation: what a session keeps so that it can outlive its pipe: the stanzas that its client
// has not acknowledged, how far the client's own were seen to, and how the client is known when it
// comes back. This, its presence and its slots are what a restart would have to carry over.
#pragma once

#include "base/clock.h"
#include "base/oneshot.h"
#include "core/inbound_count.h"
#include "core/stream_queue.h"
#include "net/timer.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string_view>

namespace sarang {

/// The bit of a set of shards: that of all whose number is the same modulo 64.
constexpr std::uint64_t shard_bit(unsigned shard)
{
    return std::uint64_t{1} << (shard % 64);
}

struct Hibernation {
    StreamQueue queue;
    InboundCount inbound;

    /// How many of the client's stanzas, from the first, are settled (core/receipts.h).
    std::uint32_t settled = 0;

    /// How long it may be without a pipe; 0: not at all.
    std::chrono::duration<std::uint32_t> limit{};

    /// Without a pipe: for how long it waits.
    Clock::Wall until{};

    std::uint32_t asked = 0;   ///< queue.sent() when the client was last asked to acknowledge
    std::uint32_t told = 0;    ///< of `settled`, what the client was told last
    std::uint32_t awaited = 0; ///< it waits to hear that so many are
    bool noted = false;        ///< a module's mark: it will look at the queue again
    bool requested = false;    ///< the same: it was asked how many are, and will answer later
    bool full = false;         ///< the same: it has ended the session for that

    /// Somebody does.
    bool is_awaited() const
    {
        return static_cast<std::int32_t>(awaited - settled) > 0 || !waiting_.empty();
    }

    /// What is written waits, see Resource::hold_back().
    bool held_back() const { return held_back_; }

    /// Opaque; nobody else can guess it. Empty where the client cannot come back.
    std::string_view name() const { return {name_.data(), name_size_}; }

    /// Requires at most 22 bytes, as random_id() has.
    void name(std::string_view name)
    {
        name_size_ = static_cast<std::uint8_t>(name.copy(name_.data(), name_.size()));
    }

private:
    friend class Resource;

    bool held_back_ = false;
    std::uint8_t name_size_ = 0;
    std::array<char, 22> name_{};   ///< a string would take twice as much
    std::uint16_t questions_ = 0;   ///< shards that were asked and have not answered
    std::uint32_t mark_ = 0;        ///< what is settled once they have
    std::uint64_t sent_to_ = 0;     ///< shards that have not been asked since, see shard_bit()
    std::unique_ptr<Timer> asleep_; ///< while it has no pipe
    std::forward_list<Oneshot<bool>::Sender> waiting_; ///< for more to be settled
};

} // namespace sarang
