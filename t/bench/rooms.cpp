// SPDX-License-Identifier: Apache-2.0
// What many rooms cost: to make, to open, to list, to load. `t/bench/rooms DIRECTORY [ROOMS]`,
// which must be new; prints one table.
#include "store/lmdb/storage.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "database.h"
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

class Bench {
public:
    explicit Bench(std::string directory)
        : database_{std::move(directory), clock_}
    {}

    void reopen() { database_.reopen(); }

    double opened() const { return database_.opened(); }

    RoomStore& rooms() { return database_.storage().rooms(); }

    StorageStats stats() const { return database_.storage().stats(); }

    template <class T>
    T wait(Task<T> task)
    {
        return database_.wait(std::move(task));
    }

    /// Rooms of one owner each; seconds.
    double make(std::size_t count)
    {
        const double before = seconds(CLOCK_MONOTONIC);
        std::vector<std::future<Result<void>>> makers;
        for (std::size_t i = 0; i < at_once; ++i) {
            makers.push_back(database_.start(make_some(i, count)));
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

    SystemClock clock_;
    Database database_;
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
