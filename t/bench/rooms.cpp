// SPDX-License-Identifier: Apache-2.0
// What many rooms cost: to make, to open, to list, to load. `t/bench/rooms DIRECTORY [ROOMS]`,
// which must be new; prints one table.
#include "net/shards.h"
#include "net/worker.h"
#include "store/lmdb/storage.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rows.h"

namespace sarang::bench {
namespace {

constexpr const char* host = "chat.bench.example";
constexpr std::size_t at_once = 1000; // rooms that are made together
constexpr std::size_t members = 50'000;

std::string room(std::size_t number)
{
    return "room" + std::to_string(number) + '@' + host;
}

template <class T>
Task<void> deliver(Task<T> task, std::shared_ptr<std::promise<T>> promise)
{
    if constexpr (std::is_void_v<T>) {
        co_await task;
        promise->set_value();
    } else {
        promise->set_value(co_await task);
    }
}

class Bench {
public:
    explicit Bench(std::string directory)
    {
        options_.directory = std::move(directory);
        options_.shards = 1;
        shards_.start();
        open();
    }

    ~Bench() { close(); }

    void reopen()
    {
        close();
        open();
    }

    double opened() const { return opened_; }

    RoomStore& rooms() { return storage_->rooms(); }

    StorageStats stats() const { return storage_->stats(); }

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

    /// Rooms of one owner each; seconds.
    double make(std::size_t count)
    {
        const double before = seconds(CLOCK_MONOTONIC);
        std::vector<std::future<Result<void>>> makers;
        for (std::size_t i = 0; i < at_once; ++i) {
            makers.push_back(start(make_some(i, count)));
        }
        for (auto& maker : makers) {
            maker.get().value();
        }
        return seconds(CLOCK_MONOTONIC) - before;
    }

private:
    Task<Result<void>> make_some(std::size_t first, std::size_t count)
    {
        for (std::size_t i = first; i < count; i += at_once) {
            const std::string name = room(i);
            RoomHead head;
            head.host = host;
            head.title = "Room number " + std::to_string(i);
            head.listed = i % 2 == 0;
            head.config = std::string(200, 'c');
            head.state = std::string(100, 's');
            Task<Result<void>> putting = rooms().put(name, std::move(head));
            co_await ok(std::move(putting));
            std::vector<StoredAffiliation> owner;
            owner.push_back(StoredAffiliation{"owner" + std::to_string(i % 5000), "o"});
            Task<Result<void>> owning = rooms().put_affiliations(name, std::move(owner));
            co_await ok(std::move(owning));
        }
        co_return Result<void>{};
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

    SystemClock clock_;
    Shards shards_{clock_, Shards::Options{1, 4096}};
    WorkerPool workers_{WorkerPool::Options{"bench", 2, 1024}};
    LmdbOptions options_;
    std::unique_ptr<Storage> storage_;
    double opened_ = 0;
};

/// The time of one of many calls.
template <class Deed>
void time_each(const std::string& what, int times, Deed deed)
{
    const double before = seconds(CLOCK_MONOTONIC);
    for (int i = 0; i < times; ++i) {
        deed(static_cast<std::size_t>(i));
    }
    row(what, 1e6 * (seconds(CLOCK_MONOTONIC) - before) / times, "us");
}

void run(Bench& bench, std::size_t count)
{
    const double made = bench.make(count);
    row("rooms", static_cast<double>(count), "");
    row("made", static_cast<double>(count) / made, "/s");
    row("disk, a room",
        static_cast<double>(bench.stats().used_bytes) / static_cast<double>(count),
        "bytes");
    bench.reopen();
    row("time to open", 1e3 * bench.opened(), "ms");
    RoomStore& rooms = bench.rooms();
    time_each("count", 1000, [&](std::size_t) { bench.wait(rooms.count(host, true)).value(); });
    time_each("list of 100, the first", 1000, [&](std::size_t) {
        bench.wait(rooms.list(host, "", 100, true)).value();
    });
    time_each("list of 100, anywhere", 1000, [&](std::size_t i) {
        bench.wait(rooms.list(host, room(i * 7919 % count), 100, true)).value();
    });
    time_each("load, one affiliation", 1000, [&](std::size_t i) {
        bench.wait(rooms.load(room(i * 7919 % count))).value();
    });
    std::vector<StoredAffiliation> many;
    for (std::size_t i = 0; i < members; ++i) {
        many.push_back({"member" + std::to_string(i) + "@bench.example", "m"});
    }
    const std::string large = room(0);
    time_each("50,000 affiliations, kept in one change", 1, [&](std::size_t) {
        bench.wait(rooms.put_affiliations(large, many)).value();
    });
    time_each("50,000 affiliations, load", 10, [&](std::size_t) {
        bench.wait(rooms.load(large)).value();
    });
    time_each("50,000 affiliations, one changed", 100, [&](std::size_t i) {
        bench.wait(rooms.put_affiliations(large, {{many[i * 400].account, "a"}})).value();
    });
    time_each("50,000 affiliations, erase", 1, [&](std::size_t) {
        bench.wait(rooms.erase(large)).value();
    });
}

} // namespace
} // namespace sarang::bench

int main(int count, char** words)
{
    if (count < 2) {
        fmt::print(stderr, "usage: rooms DIRECTORY [ROOMS]\n");
        return 2;
    }
    const std::size_t rooms = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1'000'000;
    sarang::bench::Bench bench{words[1]};
    sarang::bench::run(bench, rooms);
    return 0;
}
