// SPDX-License-Identifier: Apache-2.0
// Worker: the one thread that writes to an environment. It takes all jobs that wait, commits them
// as one group, and sends each home. While it syncs, the next group gathers.
#pragma once

#include "base/clock.h"
#include "base/counter.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/group.h"
#include "store/lmdb/trouble.h"
#include "store/lmdb/write_job.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace sarang::lmdb {

/// What a writer does while nobody wants anything of it. On the writer alone.
class IdleWork {
public:
    virtual ~IdleWork() = default;

    /// How long it is till there is something to do; nothing: not before another job was done.
    virtual std::optional<std::chrono::nanoseconds> due() = 0;
    /// Does a bounded part of it, in transactions of its own. Does not throw.
    virtual void work() = 0;
};

class Worker {
public:
    struct Bounds {
        std::size_t jobs;
        std::size_t bytes;
    };

    enum class Offer : std::uint8_t { taken, busy, closed };

    /// Starts the thread, one of low priority where there is idle work. All must outlive it.
    Worker(const Environment& environment, Bounds bounds, IdleWork* idle = nullptr);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Stops first, if need be.
    ~Worker();

    /// Commits what waits, takes no more, and ends the thread. The shards that asked may have
    /// stopped, but must still be there.
    void stop();

    // Any thread.

    /// The job is left with the caller unless it was taken.
    Offer offer(std::unique_ptr<WriteJob>& job);
    /// Takes a last job, beyond all bounds, and none after it.
    Offer offer_last(std::unique_ptr<WriteJob>& job);

    /// A shard gives it more than it takes, or does so no longer.
    void note_behind(bool on) { on ? ++behind_ : --behind_; }

    /// Some shard does.
    bool behind() const { return behind_.load(std::memory_order_relaxed) > 0; }

    /// Fills in what the writer counts.
    void count(StorageStats& stats) const;

private:
    using Jobs = std::vector<std::unique_ptr<WriteJob>>;

    bool full(const WriteJob& job) const;
    void take(std::unique_ptr<WriteJob>& job);
    void gather(Jobs& jobs);
    bool ended() const;
    void work();
    void commit(Jobs& jobs);

    const Environment& environment_;
    const Bounds bounds_;
    IdleWork* const idle_; ///< or none

    mutable std::mutex mutex_;
    std::condition_variable gathered_;
    Jobs waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t refused_ = 0;
    bool closed_ = false;

    Counter commits_;
    Counter writes_;
    Counter failures_;
    Counter largest_;
    std::atomic<unsigned> behind_{0}; ///< shards that note_behind()
    Trouble trouble_;
    SystemClock clock_;

    std::thread thread_; ///< the last member: it uses all others
};

} // namespace sarang::lmdb
