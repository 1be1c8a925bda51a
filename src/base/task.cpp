// SPDX-License-Identifier: Apache-2.0
#include "base/task.h"

namespace sarang {
namespace {

constexpr int resumptions_per_run = 1024;

// Which executor's loop runs on this thread.
thread_local Executor* current_executor = nullptr;

/// The root of a spawned task: starts at once, frees itself at its end.
struct Spawned {
    struct promise_type : PromiseBase {
        promise_type() { bind(std::coroutine_handle<promise_type>::from_promise(*this)); }

        Spawned get_return_object() const { return {}; }

        std::suspend_never initial_suspend() const noexcept { return {}; }

        std::suspend_never final_suspend() const noexcept { return {}; }

        void return_void() const {}

        void unhandled_exception() { Executor::current().report(std::current_exception()); }
    };
};

Spawned run_spawned(Task<void> task)
{
    co_await task;
}

} // namespace

PromiseBase::~PromiseBase()
{
    if (queue_ != nullptr) {
        queue_->remove(*this);
    }
    if (slot_ != nullptr) {
        *slot_ = nullptr;
    }
    if (parent_ != nullptr) {
        parent_->forget_slot();
    }
}

void PromiseBase::schedule()
{
    if (slot_ != nullptr) {
        *std::exchange(slot_, nullptr) = nullptr;
    }
    Executor::current().push(*this);
}

void PromiseBase::finish()
{
    PromiseBase* done = this;
    while (done != nullptr) {
        done->finished_ = true;
        done = done->arrival_ != nullptr ? done->arrival_(*done) : nullptr;
    }
}

Executor::~Executor()
{
    while (first_ != nullptr) {
        remove(*first_);
    }
}

bool Executor::run()
{
    for (int i = 0; i < resumptions_per_run && first_ != nullptr; ++i) {
        PromiseBase& next = *first_;
        remove(next);
        next.handle().resume();
    }
    return first_ != nullptr;
}

void Executor::report(std::exception_ptr exception)
{
    if (report_) {
        report_(std::move(exception));
    }
}

Executor& Executor::current()
{
    return *current_executor;
}

Executor* Executor::exchange_current(Executor* executor)
{
    return std::exchange(current_executor, executor);
}

void Executor::push(PromiseBase& promise)
{
    promise.queue_ = this;
    promise.previous_ = last_;
    promise.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &promise;
    last_ = &promise;
}

void Executor::remove(PromiseBase& promise)
{
    (promise.previous_ != nullptr ? promise.previous_->next_ : first_) = promise.next_;
    (promise.next_ != nullptr ? promise.next_->previous_ : last_) = promise.previous_;
    promise.queue_ = nullptr;
}

Running::Running(Task<void> task)
    : task_{std::move(task)}
{
    auto& promise = task_->promise();
    promise.on_arrival([](PromiseBase& done) -> PromiseBase* {
        const auto& root = static_cast<detail::TaskPromise<void>&>(done);
        if (root.exception()) {
            Executor::current().report(root.exception());
        }
        return nullptr;
    });
    promise.handle().resume();
}

void spawn(Task<void> task)
{
    run_spawned(std::move(task));
}

} // namespace sarang
