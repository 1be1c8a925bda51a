// SPDX-License-Identifier: Apache-2.0
// Sleep: a coroutine's wait for a time.
#pragma once

#include "base/api.h"
#include "base/executor.h"
#include "net/timer.h"

#include <chrono>
#include <coroutine>

namespace sarang {

/// `co_await shard.sleep(1s)`: dropped safely with its task.
class SARANG_API Sleep {
public:
    Sleep(TimerWheel& wheel, std::chrono::nanoseconds after);
    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;
    ~Sleep();

    bool await_ready() const noexcept { return false; }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiter)
    {
        waiter.promise().wait_in(waiter_);
        timer_.schedule(wheel_, after_);
    }

    void await_resume() const noexcept {}

private:
    void expire();

    TimerWheel& wheel_;
    std::chrono::nanoseconds after_;
    PromiseBase* waiter_ = nullptr;
    Timer timer_{Timer::calls<&Sleep::expire>(*this)};
};

} // namespace sarang
