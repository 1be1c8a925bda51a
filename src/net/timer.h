// SPDX-License-Identifier: Apache-2.0
// Timers on a hierarchical wheel, one wheel a shard, used by its thread alone. To schedule, move
// or cancel one costs the same whether there are ten or a million.
#pragma once

#include "base/api.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sarang {

class Clock;
class TimerWheel;

namespace detail {

/// A ring of timers; the slots of the wheel are nodes as well.
struct TimerNode {
    TimerNode* next = this;
    TimerNode* previous = this;

    TimerNode() = default;
    TimerNode(const TimerNode&) = delete;
    TimerNode& operator=(const TimerNode&) = delete;

    bool linked() const { return next != this; }

    void unlink()
    {
        next->previous = previous;
        previous->next = next;
        next = previous = this;
    }

    void push(TimerNode& node)
    {
        node.next = this;
        node.previous = previous;
        previous->next = &node;
        previous = &node;
    }
};

} // namespace detail

/// A deadline with what is to be done then: `Timer idle_{Timer::calls<&Pipe::idle_out>(*this)};`
/// Destroying it cancels it; 40 bytes.
class SARANG_API Timer : private detail::TimerNode {
public:
    struct Call {
        void (*function)(void* owner);
        void* owner;
    };

    template <auto deed, class Owner>
    static Call calls(Owner& owner)
    {
        return Call{[](void* that) { (static_cast<Owner*>(that)->*deed)(); }, &owner};
    }

    explicit Timer(Call call)
        : call_{call}
    {}

    ~Timer() { cancel(); }

    /// Fires once, never early, at most two ticks late on an idle shard; a timer that is running
    /// is moved. The owner may destroy or schedule it again when it fires.
    void schedule(TimerWheel& wheel, std::chrono::nanoseconds after);

    void cancel() { unlink(); }

    bool scheduled() const { return linked(); }

private:
    friend class TimerWheel;

    Call call_;
    std::uint64_t due_ = 0;
};

class SARANG_API TimerWheel {
public:
    static constexpr std::chrono::nanoseconds tick = std::chrono::milliseconds{10};

    explicit TimerWheel(const Clock& clock);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;
    /// Cancels what is still scheduled.
    ~TimerWheel();

    /// Fires all that is due.
    void advance();
    bool idle() const;
    /// How long until advance() may have something to do; nothing when no timer runs.
    std::optional<std::chrono::nanoseconds> next();
    /// The time since the wheel was made, read from the clock once a turn.
    std::chrono::nanoseconds now();

    /// Has now() read the clock again.
    void forget_now() { now_known_ = false; }

private:
    friend class Timer;

    static constexpr unsigned slot_bits = 6;
    static constexpr unsigned slots = 1U << slot_bits;
    static constexpr unsigned levels = 5; ///< 5 x 6 bits of ticks are 124 days

    struct Level {
        std::array<detail::TimerNode, slots> ring;
        std::uint64_t occupied = 0; ///< a bit may outlive its timers
    };

    void take(Timer& timer);
    void place(Timer& timer);
    void turn_to(std::uint64_t reached);
    void empty(unsigned level);
    std::optional<std::uint64_t> next_tick() const;

    const Clock& clock_;
    const std::chrono::nanoseconds start_;
    std::chrono::nanoseconds now_{};
    bool now_known_ = false;
    std::uint64_t current_ = 0; ///< the tick up to which all has fired
    std::array<Level, levels> levels_;
};

} // namespace sarang
