// SPDX-License-Identifier: Apache-2.0
// Engine: how the stores read and write: at once on the shard, aside on a worker, and through the
// writer. Usable from any shard.
#pragma once

#include "base/oneshot.h"
#include "base/result.h"
#include "base/task.h"
#include "net/shard.h"
#include "net/worker.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/reader.h"
#include "store/lmdb/worker.h"

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang::lmdb {

class Engine {
public:
    /// `idle`: of the writer, or none; outlives it.
    Engine(
        Environment::Ptr environment,
        const LmdbOptions& options,
        WorkerPool& workers,
        IdleWork* idle = nullptr);

    /// Calls `work` with a ReadTransaction&. For what is small.
    template <class Work>
    std::invoke_result_t<Work&, ReadTransaction&> read_now(Work& work)
    {
        return reader().read(work);
    }

    /// The same, once it is awaited.
    template <class Work>
    Task<std::invoke_result_t<Work&, ReadTransaction&>> read(Work work)
    {
        co_return read_now(work);
    }

    /// The same on a worker, for what may be large or cold. `work` owns what it uses.
    template <class Work>
    Task<std::invoke_result_t<Work&, ReadTransaction&>> read_aside(Work work)
    {
        auto deed = [environment = environment_, work = std::move(work)] {
            Reader once{*environment};
            return once.read(work);
        };
        auto result = co_await workers_.run(std::move(deed));
        co_return std::move(result);
    }

    /// Has `work` called with a WriteTransaction&, on the writer; done when durable. It owns what
    /// it uses, about `bytes` of it, and may be called again after it was undone.
    template <class Work>
    Task<std::invoke_result_t<const Work&, WriteTransaction&>> write(std::size_t bytes, Work work)
    {
        using Job = WriteJobOf<Work>;
        Oneshot<typename Job::Value> reply;
        std::unique_ptr<WriteJob> job =
            std::make_unique<Job>(Shard::current(), bytes, std::move(work), reply);
        if (const auto offer = worker_.offer(job); offer != Worker::Offer::taken) {
            co_return refusal(offer);
        }
        typename Job::Value result = co_await reply;
        co_return std::move(result);
    }

    /// Gives the writer a job of one's own; it is left with the caller unless it was taken.
    Worker::Offer offer(std::unique_ptr<WriteJob>& job) { return worker_.offer(job); }

    /// Why it was not taken.
    static Failure refusal(Worker::Offer offer);

    /// Takes no more writes, and waits for those that were taken.
    Task<void> close();

    const Environment::Ptr& environment() const { return environment_; }

    WorkerPool& workers() const { return workers_; }

    /// As Storage::stop().
    void stop() { worker_.stop(); }

    const Worker& worker() const { return worker_; }

    /// As Worker::note_behind().
    void note_behind(bool on) { worker_.note_behind(on); }

private:
    Reader& reader();

    Environment::Ptr environment_;
    WorkerPool& workers_;
    std::vector<Reader> readers_; ///< one for each shard, used by its thread alone
    Worker worker_;
};

} // namespace sarang::lmdb
