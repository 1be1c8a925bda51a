// SPDX-License-Identifier: Apache-2.0
// Loop: an executor that is this thread's for as long as the test lasts, and runs when told to.
#pragma once

#include "base/executor.h"

#include <exception>
#include <vector>

namespace sarang {

class Loop {
public:
    Loop()
        : before_{Executor::exchange_current(&executor_)}
    {
        executor_.on_exception([this](std::exception_ptr thrown) { thrown_.push_back(thrown); });
    }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    ~Loop() { Executor::exchange_current(before_); }

    /// Until nothing is ready any more.
    void run()
    {
        while (executor_.run()) {
        }
    }

    Executor& executor() { return executor_; }

    /// What reached the root of a task.
    const std::vector<std::exception_ptr>& thrown() const { return thrown_; }

private:
    Executor executor_;
    Executor* before_;
    std::vector<std::exception_ptr> thrown_;
};

} // namespace sarang
