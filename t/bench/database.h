// SPDX-License-Identifier: Apache-2.0
// Database: the embedded one, a shard and workers to use it, and a way to wait for its tasks.
#pragma once

#include "base/clock.h"
#include "base/task.h"
#include "net/shards.h"
#include "net/worker.h"
#include "store/lmdb/storage.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "rows.h"

namespace sarang::bench {

class Database {
public:
    /// In a directory that may be new. `clock` must outlive it.
    Database(std::string directory, const Clock& clock, SearchedText text = nullptr)
        : clock_{clock}
        , shards_{clock, Shards::Options{1, 4096}}
    {
        options_.directory = std::move(directory);
        options_.searched_text = text;
        shards_.start();
        open();
    }

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    ~Database() { close(); }

    void reopen()
    {
        close();
        open();
    }

    /// How long that took the last time, in seconds.
    double opened() const { return opened_; }

    Storage& storage() { return *storage_; }

    const Storage& storage() const { return *storage_; }

    Shards& shards() { return shards_; }

    /// Starts a task on the shard.
    template <class T>
    std::future<T> start(Task<T> task)
    {
        auto promise = std::make_shared<std::promise<T>>();
        auto future = promise->get_future();
        Shard& shard = shards_.shard(0);
        shard.post([&shard, waited = deliver(std::move(task), promise)]() mutable {
            shard.spawn(std::move(waited));
        });
        return future;
    }

    template <class T>
    T wait(Task<T> task)
    {
        return start(std::move(task)).get();
    }

private:
    template <class T>
    static Task<void> deliver(Task<T> task, std::shared_ptr<std::promise<T>> promise)
    {
        if constexpr (std::is_void_v<T>) {
            co_await task;
            promise->set_value();
        } else {
            promise->set_value(co_await task);
        }
    }

    void open()
    {
        const double before = seconds(CLOCK_MONOTONIC);
        auto storage = open_lmdb(options_, workers_, clock_);
        if (!storage) {
            fmt::print(stderr, "{}\n", storage.error().cause);
            std::exit(1);
        }
        storage_ = std::move(*storage);
        opened_ = seconds(CLOCK_MONOTONIC) - before;
    }

    void close()
    {
        wait(storage_->close());
        storage_.reset();
    }

    const Clock& clock_;
    Shards shards_;
    WorkerPool workers_{WorkerPool::Options{"bench", 2, 1024}};
    LmdbOptions options_;
    std::unique_ptr<Storage> storage_;
    double opened_ = 0;
};

} // namespace sarang::bench
