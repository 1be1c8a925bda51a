// SPDX-License-Identifier: Apache-2.0
// Machine: shards and workers for a storage to live among, and a way to wait for its tasks.
#pragma once

#include "base/clock.h"
#include "base/task.h"
#include "net/shards.h"
#include "net/worker.h"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace sarang {
namespace detail {

template <class T>
Task<void> settle(Task<T> task, std::shared_ptr<std::promise<T>> promise)
{
    if constexpr (std::is_void_v<T>) {
        co_await task;
        promise->set_value();
    } else {
        promise->set_value(co_await task);
    }
}

} // namespace detail

class Machine {
public:
    explicit Machine(unsigned shards = 2)
        : shards_{clock_, Shards::Options{shards, 4096}}
    {
        shards_.start();
    }

    const Clock& clock() const { return clock_; }

    Shards& shards() { return shards_; }

    WorkerPool& workers() { return workers_; }

    /// Starts a task on a shard.
    template <class T>
    std::future<T> start(unsigned index, Task<T> task)
    {
        auto promise = std::make_shared<std::promise<T>>();
        auto future = promise->get_future();
        Shard& shard = shards_.shard(index);
        shard.post([&shard, settled = detail::settle(std::move(task), promise)]() mutable {
            shard.spawn(std::move(settled));
        });
        return future;
    }

    /// Starts it on the first shard and waits for its end.
    template <class T>
    T wait(Task<T> task)
    {
        return start(0, std::move(task)).get();
    }

    /// The same, for what must succeed; its value.
    template <class T>
    T get(Task<Result<T>> task)
    {
        Result<T> result = wait(std::move(task));
        if (!result) {
            const Error& error = result.error();
            BOOST_FAIL(name(error.condition) << ": " << error.text << error.cause);
        }
        if constexpr (!std::is_void_v<T>) {
            return std::move(result).value();
        }
    }

    /// The same, for what must fail; its condition.
    template <class T>
    Condition refused(Task<Result<T>> task)
    {
        const Result<T> result = wait(std::move(task));
        BOOST_REQUIRE(!result);
        return result.error().condition;
    }

private:
    SystemClock clock_;
    Shards shards_;
    WorkerPool workers_{WorkerPool::Options{"test", 2, 1024}};
};

} // namespace sarang
