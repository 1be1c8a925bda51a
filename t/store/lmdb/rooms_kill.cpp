// SPDX-License-Identifier: Apache-2.0
// What was acknowledged of rooms survives kill -9 at any moment, and no part of a change stands
// alone, also where a large room was being erased.
#include "store/lmdb/reader.h"
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "changed.h"

namespace sarang {
namespace {

using lmdb::Table;

constexpr const char* host = "chat.shakespeare.example";
constexpr std::size_t members = 3000; // erased in three steps
constexpr int rounds = 20;

std::string room(std::uint64_t number)
{
    return "room" + std::to_string(number) + '@' + host;
}

/// Makes rooms one after the other, and erases the one before.
class Maker {
public:
    Maker(RoomStore& rooms, std::uint64_t first, int report)
        : rooms_{rooms}
        , next_{first}
        , report_{report}
    {}

    Task<void> run()
    {
        for (;; ++next_) {
            Task<Result<void>> making = make(room(next_));
            const Result<void> made = co_await making;
            if (!made || ::write(report_, &next_, sizeof next_) != sizeof next_) {
                ::_exit(2);
            }
        }
    }

private:
    Task<Result<void>> make(std::string name)
    {
        RoomHead head;
        head.host = host;
        head.listed = true;
        std::vector<StoredAffiliation> changes;
        for (std::size_t i = 0; i < members; ++i) {
            changes.push_back(StoredAffiliation{std::to_string(i) + "@capulet.example", "member"});
        }
        co_await ok(rooms_.put(name, std::move(head), std::move(changes)));
        const std::string before = room(next_ - 1);
        co_await ok(rooms_.erase(before));
        co_return Result<void>{};
    }

    RoomStore& rooms_;
    std::uint64_t next_;
    int report_;
};

[[noreturn]] void make_until_killed(const LmdbOptions& options, std::uint64_t first, int report)
{
    Machine machine{1};
    auto storage = open_lmdb(options, machine.workers(), machine.clock());
    if (!storage) {
        ::_exit(1);
    }
    Maker maker{(*storage)->rooms(), first, report};
    machine.shards().call(0, [&] { machine.shards().shard(0).spawn(maker.run()); });
    for (;;) {
        ::pause();
    }
}

/// One life of a child, for so long or more; the last room that it told to have made.
std::optional<std::uint64_t> live(const LmdbOptions& options, std::uint64_t first, int milliseconds)
{
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        make_until_killed(options, first, ends[1]);
    }
    ::close(ends[1]);
    std::optional<std::uint64_t> last;
    std::uint64_t told = 0;
    if (::read(ends[0], &told, sizeof told) == sizeof told) {
        last = told;
    }
    ::poll(nullptr, 0, milliseconds);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &told, sizeof told) == sizeof told) {
        last = told;
    }
    ::close(ends[0]);
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(WIFSIGNALED(status), "the child ended by itself: " << status);
    return last;
}

/// What the tables have once the next start has put it in order; how many rooms there are.
std::size_t check(const LmdbOptions& options, std::optional<std::uint64_t> last)
{
    Machine machine{1};
    auto storage = open_lmdb(options, machine.workers(), machine.clock());
    BOOST_TEST_REQUIRE(storage.has_value());
    RoomStore& rooms = (*storage)->rooms();
    const RoomPage page = machine.get(rooms.list(host, "", 100, true));
    BOOST_TEST(page.complete);
    BOOST_TEST(machine.get(rooms.count(host, true)) == page.rooms.size());
    BOOST_TEST(machine.get(rooms.count(host, false)) == page.rooms.size());
    std::size_t affiliations = 0;
    for (const RoomListing& listing : page.rooms) {
        const auto stored = machine.get(rooms.load(listing.room));
        BOOST_TEST_REQUIRE(stored.has_value());
        const std::size_t size = stored->affiliations.size();
        BOOST_TEST(size == members); // made with all that it has
        affiliations += size;
    }
    if (last) {
        const auto made = machine.get(rooms.load(room(*last)));
        const auto next = machine.get(rooms.load(room(*last + 1)));
        // It is erased by the one that follows, which then is there as a whole.
        BOOST_TEST((made || next));
        BOOST_TEST((made ? made : next)->affiliations.size() == members);
        BOOST_TEST(!machine.get(rooms.load(room(*last - 1))).has_value());
    }
    machine.wait((*storage)->close());
    storage->reset();
    const auto environment = lmdb::Environment::open(options);
    BOOST_TEST_REQUIRE(environment.has_value());
    auto work = [affiliations](lmdb::ReadTransaction& transaction) -> Result<bool> {
        return keys(transaction, Table::room_affiliations).size() == affiliations &&
               keys(transaction, Table::room_accounts).size() == affiliations &&
               keys(transaction, Table::room_gone).empty();
    };
    lmdb::Reader reader{**environment};
    BOOST_TEST(reader.read(work).value());
    return page.rooms.size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_rooms_kill)

BOOST_AUTO_TEST_CASE(rooms_survive_kill_at_any_moment_whole_or_not_at_all)
{
    std::mt19937 random{std::random_device{}()};
    const TemporaryDirectory directory;
    const LmdbOptions options = lmdb::small_options(directory.path());
    std::uint64_t next = 1;
    std::size_t made = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto last = live(options, next, static_cast<int>(random() % 100));
        BOOST_TEST(check(options, last) <= 3U + static_cast<unsigned>(i));
        made += last ? 1 : 0;
        next = last.value_or(next) + 2;
    }
    BOOST_TEST(made > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
