// SPDX-License-Identifier: Apache-2.0
#include "net/shard.h"

#include "base/log.h"
#include "net/output.h"
#include "net/shards.h"

#include <event2/event.h>

#include <chrono>
#include <list>
#include <malloc.h>
#include <new>
#include <stdexcept>

namespace sarang {
namespace {

using namespace std::chrono_literals;

const Log log{"net"};

constexpr std::size_t outputs_kept = 256;
constexpr std::size_t output_capacity_kept = 4096;
constexpr auto trim_after = 1s;

// What the answers to so many take is still in the nearest caches when it is written, and buffers
// for them are at hand.
constexpr unsigned inputs_at_once = 32;

void report(std::exception_ptr exception)
{
    try {
        std::rethrow_exception(std::move(exception));
    } catch (const std::exception& caught) {
        log.error("a task failed: {}", caught.what());
    } catch (...) {
        log.error("a task failed with an unknown exception");
    }
}

event_base* make_base()
{
    const std::unique_ptr<event_config, decltype(&event_config_free)> config{
        event_config_new(), event_config_free};
    // A base belongs to one thread.
    if (!config || event_config_set_flag(config.get(), EVENT_BASE_FLAG_NOLOCK) != 0) {
        throw std::bad_alloc{};
    }
    event_base* const base = event_base_new_with_config(config.get());
    if (base == nullptr) {
        throw std::runtime_error{"libevent cannot make an event base"};
    }
    return base;
}

timeval to_timeval(std::chrono::nanoseconds time)
{
    // Rounded up, or the loop would turn in vain.
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(time).count();
    return {micros / 1'000'000, micros % 1'000'000};
}

} // namespace

/// Tasks that run here and end with the shard.
class Shard::Guests {
public:
    void add(Task<void> task)
    {
        const auto place = present_.emplace(present_.end());
        *place = Running{stay(std::move(task), place)};
    }

    /// Frees those that have ended: they cannot do so themselves.
    void see_off() { departed_.clear(); }

private:
    using Place = std::list<Running>::iterator;

    Task<void> stay(Task<void> task, Place place)
    {
        try {
            co_await task;
        } catch (...) {
            report(std::current_exception());
        }
        departed_.splice(departed_.end(), present_, place);
    }

    std::list<Running> present_;
    std::list<Running> departed_;
};

Shard::Shard(Shards& set, unsigned index, std::size_t mailbox)
    : set_{set}
    , index_{index}
    , scratch_{new char[input_size + record_size]}
    , base_{make_base()}
    , mailbox_{mailbox}
    , timers_{set.clock()}
    , guests_{std::make_unique<Guests>()}
{
    // Edge-triggered: nobody has to read the eventfd.
    mail_event_.reset(event_new(
        base_.get(),
        mailbox_.descriptor(),
        EV_READ | EV_PERSIST | EV_ET,
        [](int, short, void*) {},
        nullptr));
    timer_event_.reset(event_new(
        base_.get(),
        -1,
        0,
        [](int, short, void* shard) { static_cast<Shard*>(shard)->armed_.reset(); },
        this));
    if (!mail_event_ || !timer_event_ || event_add(mail_event_.get(), nullptr) != 0) {
        throw std::runtime_error{"libevent cannot watch a mailbox"};
    }
    executor_.on_exception(report);
}

Shard::~Shard() = default;

const Clock& Shard::clock() const
{
    return set_.clock();
}

Shard& Shard::current()
{
    return static_cast<Loop&>(Executor::current()).shard;
}

void Shard::send(unsigned target, std::unique_ptr<Mail> mail)
{
    overflows_[target].send(std::move(mail));
}

void Shard::spawn(Task<void> task)
{
    guests_->add(std::move(task));
}

void Shard::trim_soon()
{
    if (!trim_.scheduled()) {
        trim_.schedule(timers_, trim_after);
    }
}

void Shard::trim()
{
    ::malloc_trim(0);
}

std::unique_ptr<Output> Shard::take_output()
{
    if (outputs_.empty()) {
        return std::make_unique<Output>();
    }
    std::unique_ptr<Output> output = std::move(outputs_.back());
    outputs_.pop_back();
    return output;
}

void Shard::give_back(std::unique_ptr<Output> output)
{
    if (outputs_.size() < outputs_kept && output->capacity() <= output_capacity_kept) {
        outputs_.push_back(std::move(output));
    }
}

void Shard::run()
{
    Executor::exchange_current(&executor_);
    while (!stopping_) {
        turn();
    }
    Executor::exchange_current(nullptr);
}

void Shard::turn()
{
    wait_for_events();
    open_mail();
    timers_.advance();
    executor_.run();
    retry_overflows();
    end_turn();
    ++turns_;
}

void Shard::wait_for_events()
{
    arm_timer();
    timers_.forget_now();
    const bool sleepy = executor_.idle() && !turn_ends_.linked() && mailbox_.fall_asleep();
    event_base_loop(base_.get(), sleepy ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

void Shard::arm_timer()
{
    const std::optional<std::chrono::nanoseconds> next = timers_.next();
    if (!next) {
        return;
    }
    const std::chrono::nanoseconds at = timers_.now() + *next;
    if (!armed_ || at < *armed_) {
        const timeval after = to_timeval(*next);
        event_add(timer_event_.get(), &after);
        armed_ = at;
    }
}

void Shard::open_mail()
{
    MailList list = mailbox_.take();
    if (mailbox_.take_turned_away()) {
        for (unsigned i = 0; i < set_.size(); ++i) {
            set_.shard(i).wake();
        }
    }
    while (const std::unique_ptr<Mail> mail = list.pop()) {
        try {
            mail->open(*this);
        } catch (...) {
            report(std::current_exception());
        }
    }
}

void Shard::retry_overflows()
{
    for (Overflow& overflow : overflows_) {
        if (!overflow.empty()) {
            overflow.retry();
        }
    }
}

void Shard::input_seen_to()
{
    if (++inputs_ == inputs_at_once) {
        end_turn();
    }
}

void Shard::end_turn()
{
    inputs_ = 0;
    while (turn_ends_.linked()) {
        auto& deed = static_cast<TurnEnd&>(turn_ends_.front());
        deed.unlink();
        deed.on_turn_end();
    }
    guests_->see_off();
}

void Shard::drop_guests()
{
    guests_.reset();
}

void Shard::drop_mail()
{
    mailbox_.take();
    for (Overflow& overflow : overflows_) {
        overflow.drop();
    }
}

} // namespace sarang
