// SPDX-License-Identifier: Apache-2.0
// Shard: a thread, its event loop and all that hangs from it. A turn of the loop is: sockets,
// mailbox, timers, coroutines, and then what was put off to its end, such as writing out; where
// many sockets have input, also after every few of them. Nothing here blocks but the wait for
// events.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "net/event_ptr.h"
#include "net/link.h"
#include "net/mailbox.h"
#include "net/overflow.h"
#include "net/sleep.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang {

class Clock;
class Connection;
class Output;
class Shards;

class SARANG_API Shard {
public:
    /// Made by Shards.
    Shard(Shards& set, unsigned index, std::size_t mailbox);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    unsigned index() const { return index_; }

    Shards& set() const { return set_; }

    const Clock& clock() const;

    /// The shard whose thread this is. Requires that it is one's.
    static Shard& current();

    // Any thread.

    /// Always goes: for control, and replies to what was asked.
    void post(std::unique_ptr<Mail> mail) { mailbox_.post_control(std::move(mail)); }

    /// Has `deed()` called on this shard.
    template <class Deed>
    void post(Deed deed) requires std::is_invocable_v<Deed&>
    {
        post(std::unique_ptr<Mail>{std::make_unique<Errand<Deed>>(std::move(deed))});
    }

    /// Makes the loop turn, for a clock that was moved by hand.
    void wake() { mailbox_.wake(); }

    // This shard's thread.

    TimerWheel& timers() { return timers_; }

    Executor& executor() { return executor_; }

    /// Never blocks and never drops: what does not fit into the target's mailbox waits here, in
    /// order, and the target is congested until it went.
    void send(unsigned target, std::unique_ptr<Mail> mail);

    /// Those who fill it should stop reading and wait_for_relief().
    bool congested(unsigned target) const { return !overflows_[target].empty(); }

    /// Tells `relief` once, when the target is congested no longer. Requires congested().
    void wait_for_relief(unsigned target, Relief& relief) { overflows_[target].wait(relief); }

    void at_turn_end(TurnEnd& deed) { turn_ends_.push_back(deed); }

    /// `co_await shard.sleep(1s)`
    Sleep sleep(std::chrono::nanoseconds after) { return Sleep{timers_, after}; }

    /// Starts a task that ends with the shard at the latest.
    void spawn(Task<void> task);

    event_base* base() const { return base_.get(); }

    /// Where sockets read into; holds nothing between two calls.
    std::span<char> input() { return {scratch_.get(), input_size}; }

    /// Where output is gathered and TLS decrypts to; holds nothing between two calls.
    std::span<char> record() { return {scratch_.get() + input_size, record_size}; }

    /// Has the allocator give back what it holds between blocks that are in use, soon: for
    /// whoever has freed much at once. All threads' memory.
    void trim_soon();

    /// An empty output buffer, from the few that the shard keeps.
    std::unique_ptr<Output> take_output();
    void give_back(std::unique_ptr<Output> output);

    /// Turns of the loop so far.
    std::uint64_t turns() const { return turns_; }

private:
    friend class Connection;
    friend class Shards;

    static constexpr std::size_t input_size = 64 * 1024;
    static constexpr std::size_t record_size = 16 * 1024;

    struct Loop final : Executor {
        explicit Loop(Shard& owner)
            : shard{owner}
        {}

        Shard& shard;
    };

    class Guests;

    void meet(Shard& other) { overflows_.emplace_back(other.mailbox_); }

    void run();
    void turn();
    void wait_for_events();
    void open_mail();
    void retry_overflows();
    void input_seen_to();
    void end_turn();
    void arm_timer();
    void trim();
    void drop_guests();
    void drop_mail();

    Shards& set_;
    const unsigned index_;
    std::unique_ptr<char[]> scratch_;
    EventBasePtr base_;
    Mailbox mailbox_;
    EventPtr mail_event_;
    EventPtr timer_event_;
    TimerWheel timers_;
    std::optional<std::chrono::nanoseconds> armed_; ///< when timer_event_ fires
    Loop executor_{*this};
    Link turn_ends_;
    Timer trim_{Timer::calls<&Shard::trim>(*this)};
    std::deque<Overflow> overflows_; ///< by target
    std::vector<std::unique_ptr<Output>> outputs_;
    std::unique_ptr<Guests> guests_;
    const Connection* running_ = nullptr; ///< whose events are handled, see Connection::Guard
    std::uint64_t turns_ = 0;
    unsigned inputs_ = 0; ///< connections that were read from since what was put off was done
    bool stopping_ = false;
};

} // namespace sarang
