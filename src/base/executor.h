// SPDX-License-Identifier: Apache-2.0
// Executor: resumes the coroutines of one shard from its loop, never from inside another
// coroutine, so the depth of a chain of tasks costs no stack on the way back. PromiseBase is what
// it knows of a coroutine, and what an awaitable knows of its waiter.
#pragma once

#include "base/api.h"

#include <coroutine>
#include <exception>
#include <functional>
#include <utility>

namespace sarang {

class Executor;

/// The part of every promise that does not depend on the task's type.
class SARANG_API PromiseBase {
public:
    PromiseBase() = default;
    PromiseBase(const PromiseBase&) = delete;
    PromiseBase& operator=(const PromiseBase&) = delete;
    ~PromiseBase();

    /// Has the current executor resume this coroutine from its loop. Requires that it is
    /// suspended and not scheduled already.
    void schedule();

    /// Stands in `slot` until it is scheduled or destroyed: how an awaitable knows its waiter.
    void wait_in(PromiseBase*& slot)
    {
        slot = this;
        slot_ = &slot;
    }

    /// The slot goes before its waiter does.
    void forget_slot() { slot_ = nullptr; }

    /// Marks the task as done and tells whoever awaits it.
    void finish();

    bool finished() const { return finished_; }

    std::coroutine_handle<> handle() const { return handle_; }

    /// What follows when a task is done: the next promise that is done by it, or none.
    using Arrival = PromiseBase* (*)(PromiseBase& done);

    void on_arrival(Arrival arrival) { arrival_ = arrival; }

    void awaited_by(PromiseBase& parent, Arrival arrival)
    {
        parent.wait_in(parent_);
        arrival_ = arrival;
    }

    /// Who awaits this task, if it is still there.
    PromiseBase* parent() const { return parent_; }

protected:
    void bind(std::coroutine_handle<> handle) { handle_ = handle; }

private:
    friend class Executor;

    std::coroutine_handle<> handle_;
    PromiseBase* parent_ = nullptr; ///< the slot in which the parent waits
    Arrival arrival_ = nullptr;
    PromiseBase** slot_ = nullptr; ///< set while it waits
    Executor* queue_ = nullptr;    ///< set while scheduled
    PromiseBase* previous_ = nullptr;
    PromiseBase* next_ = nullptr;
    bool finished_ = false;
};

/// A queue of coroutines that are ready to go on. One per shard; used by its thread alone.
class SARANG_API Executor {
public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    ~Executor();

    /// Resumes what is ready, also what becomes ready meanwhile, up to a bound that keeps the
    /// loop's sockets from starving. True when something is left.
    bool run();

    bool idle() const { return first_ == nullptr; }

    /// Told of exceptions that reach the root of a spawned task.
    void on_exception(std::function<void(std::exception_ptr)> report)
    {
        report_ = std::move(report);
    }

    void report(std::exception_ptr exception);

    /// The executor of this thread. Requires that one was set.
    static Executor& current();
    /// Makes `executor` this thread's (nullptr: none) and returns the one before.
    static Executor* exchange_current(Executor* executor);

private:
    friend class PromiseBase;

    void push(PromiseBase& promise);
    void remove(PromiseBase& promise);

    PromiseBase* first_ = nullptr;
    PromiseBase* last_ = nullptr;
    std::function<void(std::exception_ptr)> report_;
};

/// `co_await yield()`: lets the loop turn before going on.
struct Yield {
    bool await_ready() const noexcept { return false; }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const
    {
        self.promise().schedule();
    }

    void await_resume() const noexcept {}
};

inline Yield yield()
{
    return {};
}

} // namespace sarang
