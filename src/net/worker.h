// SPDX-License-Identifier: Apache-2.0
// WorkerPool: a few threads for what blocks or computes for long (password hashing, ranges of a
// store, disk), behind a bounded queue. A shard awaits the result and is never held up.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "net/mailbox.h"
#include "net/shard.h"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang {
namespace detail {

/// What travels to a worker and back: made and freed on its shard.
class SARANG_API Job {
public:
    explicit Job(Shard& home);
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job();

    /// On a worker. Does not throw.
    virtual void work() = 0;
    /// At home again: delivers, also when there was no work because the pool stopped.
    virtual void conclude() = 0;

    Shard& home() const { return home_; }

private:
    Shard& home_;
};

template <class T>
struct ResultOf {
    using Type = Result<T>;
};

template <class T>
struct ResultOf<Result<T>> {
    using Type = Result<T>;
};

SARANG_API Failure pool_stopped();
SARANG_API Failure pool_busy();
/// Names the exception that is being handled.
SARANG_API Failure work_threw();

template <class Deed>
class JobOf final : public Job {
public:
    using Raw = std::invoke_result_t<Deed&>;
    using Value = typename ResultOf<Raw>::Type;

    JobOf(Shard& home, Deed deed, Oneshot<Value>& reply)
        : Job{home}
        , deed_{std::move(deed)}
        , sender_{reply}
    {}

    void work() override
    {
        try {
            if constexpr (std::is_void_v<Raw>) {
                deed_();
                result_ = Value{};
            } else {
                result_ = Value{deed_()};
            }
        } catch (...) {
            result_ = work_threw();
        }
    }

    void conclude() override { sender_.deliver(std::move(result_)); }

private:
    Deed deed_;
    typename Oneshot<Value>::Sender sender_;
    Value result_ = pool_stopped();
};

} // namespace detail

class SARANG_API WorkerPool {
public:
    struct Options {
        std::string name = {}; ///< of the threads; at most 12 bytes are shown
        unsigned threads = 1;
        std::size_t queue = 1024;
    };

    /// Starts the threads.
    explicit WorkerPool(Options options);
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    /// Stops first, if need be.
    ~WorkerPool();

    /// Lets what runs come to its end; what waits fails with service-unavailable, and so does what
    /// comes later. The shards that gave it work may have stopped, but must still be there.
    void stop();

    /// Calls `deed`, which returns a value or a Result, on a worker; resumes on this shard.
    /// Fails with resource-constraint when the queue is full. Dropping the task abandons the
    /// result, not the deed.
    template <class Deed>
    Task<typename detail::JobOf<Deed>::Value> run(Deed deed)
    {
        using Value = typename detail::JobOf<Deed>::Value;
        Oneshot<Value> reply;
        auto job = std::make_unique<detail::JobOf<Deed>>(Shard::current(), std::move(deed), reply);
        if (Result<void> offered = offer(std::move(job)); !offered) {
            co_return std::move(offered).failure();
        }
        Value result = co_await reply;
        co_return std::move(result);
    }

    /// Jobs that wait for a worker.
    std::size_t queued() const;

private:
    Result<void> offer(std::unique_ptr<detail::Job> job);
    std::unique_ptr<detail::Job> next();
    void work();

    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::vector<std::unique_ptr<detail::Job>> ring_; ///< of options_.queue places
    std::size_t first_ = 0;
    std::size_t queued_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace sarang
