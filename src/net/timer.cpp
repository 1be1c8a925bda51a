// SPDX-License-Identifier: Apache-2.0
#include "net/timer.h"

#include "base/clock.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sarang {

namespace {

std::uint64_t ticks(std::chrono::nanoseconds time)
{
    return static_cast<std::uint64_t>(time / TimerWheel::tick);
}

} // namespace

void Timer::schedule(TimerWheel& wheel, std::chrono::nanoseconds after)
{
    cancel();
    const auto due = wheel.now() + std::max(after, std::chrono::nanoseconds{0});
    due_ = ticks(due + TimerWheel::tick - std::chrono::nanoseconds{1});
    wheel.take(*this);
}

TimerWheel::TimerWheel(const Clock& clock)
    : clock_{clock}
    , start_{clock.now().time_since_epoch()}
{}

TimerWheel::~TimerWheel()
{
    for (Level& level : levels_) {
        for (detail::TimerNode& slot : level.ring) {
            while (slot.linked()) {
                slot.next->unlink();
            }
        }
    }
}

std::chrono::nanoseconds TimerWheel::now()
{
    if (!now_known_) {
        now_ = clock_.now().time_since_epoch() - start_;
        now_known_ = true;
    }
    return now_;
}

bool TimerWheel::idle() const
{
    return std::all_of(
        levels_.begin(), levels_.end(), [](const Level& level) { return level.occupied == 0; });
}

void TimerWheel::take(Timer& timer)
{
    if (idle()) {
        current_ = std::max(current_, ticks(now()));
    }
    place(timer);
}

void TimerWheel::place(Timer& timer)
{
    // A slot of level n spans 64^n ticks. Beyond the last level a timer waits in its furthest
    // slot and is placed again when that comes.
    constexpr std::uint64_t horizon = (std::uint64_t{1} << (slot_bits * levels)) - 1;
    const std::uint64_t due = std::min(std::max(timer.due_, current_ + 1), current_ + horizon);
    const auto differing = static_cast<unsigned>(std::bit_width(due ^ current_)) - 1;
    const unsigned level = std::min(differing / slot_bits, levels - 1);
    const unsigned slot = (due >> (slot_bits * level)) % slots;
    levels_[level].ring[slot].push(timer);
    levels_[level].occupied |= std::uint64_t{1} << slot;
}

void TimerWheel::advance()
{
    if (idle()) {
        return;
    }
    const std::uint64_t now_tick = ticks(now());
    while (const std::optional<std::uint64_t> next = next_tick()) {
        if (*next > now_tick) {
            break;
        }
        turn_to(*next);
    }
    current_ = std::max(current_, now_tick);
}

std::optional<std::chrono::nanoseconds> TimerWheel::next()
{
    const std::optional<std::uint64_t> next = next_tick();
    if (!next) {
        return std::nullopt;
    }
    const auto due = static_cast<std::chrono::nanoseconds::rep>(*next) * tick;
    return std::max(due - now(), std::chrono::nanoseconds{0});
}

void TimerWheel::turn_to(std::uint64_t reached)
{
    current_ = reached;
    for (unsigned level = levels - 1; level > 0; --level) {
        const bool slot_begins = current_ % (std::uint64_t{1} << (slot_bits * level)) == 0;
        if (slot_begins) {
            empty(level);
        }
    }
    empty(0);
}

void TimerWheel::empty(unsigned level)
{
    const unsigned slot = (current_ >> (slot_bits * level)) % slots;
    const std::uint64_t bit = std::uint64_t{1} << slot;
    if ((levels_[level].occupied & bit) == 0) {
        return;
    }
    levels_[level].occupied &= ~bit;
    // Moved aside first: what fires may schedule timers into this very slot.
    detail::TimerNode ring;
    detail::TimerNode& full = levels_[level].ring[slot];
    if (full.linked()) {
        full.push(ring);
        full.unlink();
    }
    while (ring.linked()) {
        auto& timer = static_cast<Timer&>(*ring.next);
        timer.cancel();
        if (timer.due_ > current_) {
            place(timer);
        } else {
            timer.call_.function(timer.call_.owner);
        }
    }
}

std::optional<std::uint64_t> TimerWheel::next_tick() const
{
    std::optional<std::uint64_t> soonest;
    for (unsigned level = 0; level < levels; ++level) {
        const Level& here = levels_[level];
        if (here.occupied == 0) {
            continue;
        }
        // Slots behind the hand belong to the next turn of this level.
        const std::uint64_t hand = current_ >> (slot_bits * level);
        const auto behind = static_cast<int>((hand + 1) % slots);
        const auto ahead = std::uint64_t{1} + std::countr_zero(std::rotr(here.occupied, behind));
        const std::uint64_t begins = (hand + ahead) << (slot_bits * level);
        soonest = std::min(soonest.value_or(begins), begins);
    }
    return soonest;
}

} // namespace sarang
