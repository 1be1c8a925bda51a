// SPDX-License-Identifier: Apache-2.0
// What was acknowledged survives kill -9 at any moment, and groups are never torn.
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdint>
#include <memory>
#include <poll.h>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "../machine.h"
#include "../temporary.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* romeo = "romeo@montague.example";
constexpr std::uint64_t no_limit = ~std::uint64_t{0};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int rounds = 20; // each start takes its time there
#else
constexpr int rounds = 200;
#endif

LmdbOptions options(const TemporaryDirectory& directory)
{
    LmdbOptions options;
    options.directory = directory.path();
    options.map_size = std::uint64_t{1} << 28;
    return options;
}

/// Appends numbered stanzas, an even number to one owner and an odd one to the other, many at a
/// time but begun in order, and reports the number of each that was acknowledged.
class Appender {
public:
    Appender(Shard& shard, OfflineStore& offline, std::uint64_t first, int report)
        : shard_{shard}
        , offline_{offline}
        , next_{first}
        , report_{report}
    {}

    void begin()
    {
        for (int i = 0; i < 64; ++i) {
            shard_.spawn(append(next_++));
        }
    }

private:
    Task<void> append(std::uint64_t number)
    {
        for (;; number = next_++) {
            const std::string text = std::to_string(number);
            OfflineDraft draft{"key" + text, {}, text};
            const char* owner = number % 2 == 0 ? juliet : romeo;
            const auto outcome = co_await offline_.append(owner, std::move(draft), no_limit);
            if (!outcome || *outcome != OfflineOutcome::stored) {
                ::_exit(2);
            }
            if (::write(report_, &number, sizeof number) != sizeof number) {
                ::_exit(3);
            }
        }
    }

    Shard& shard_;
    OfflineStore& offline_;
    std::uint64_t next_;
    int report_;
};

[[noreturn]] void
append_until_killed(const TemporaryDirectory& directory, std::uint64_t first, int report)
{
    Machine machine{1};
    auto storage = open_lmdb(options(directory), machine.workers(), machine.clock());
    if (!storage) {
        ::_exit(1);
    }
    Appender appender{machine.shards().shard(0), (*storage)->offline(), first, report};
    machine.shards().call(0, [&appender] { appender.begin(); });
    for (;;) {
        ::pause();
    }
}

/// One life of a child that appends.
class Round {
public:
    Round(const TemporaryDirectory& directory, std::uint64_t first)
        : first_{first}
    {
        int ends[2];
        BOOST_TEST_REQUIRE(::pipe(ends) == 0);
        child_ = ::fork();
        BOOST_TEST_REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::close(ends[0]);
            append_until_killed(directory, first, ends[1]);
        }
        ::close(ends[1]);
        reports_ = ends[0];
    }

    ~Round() { ::close(reports_); }

    /// Kills it after some reports and some time; how many it made in all.
    std::uint64_t kill_after(unsigned reports, int milliseconds)
    {
        for (unsigned i = 0; i < reports && next_report(); ++i) {
        }
        ::poll(nullptr, 0, milliseconds);
        ::kill(child_, SIGKILL);
        while (next_report()) {
        }
        int status = 0;
        BOOST_TEST_REQUIRE(::waitpid(child_, &status, 0) == child_);
        BOOST_TEST_REQUIRE(WIFSIGNALED(status), "the child ended by itself: " << status);
        return reported_;
    }

private:
    bool next_report()
    {
        std::uint64_t number = 0;
        if (::read(reports_, &number, sizeof number) != sizeof number) {
            return false;
        }
        // Committed in the order in which they were begun, hence acknowledged so.
        BOOST_TEST_REQUIRE(number == first_ + reported_);
        ++reported_;
        return true;
    }

    std::uint64_t first_;
    std::uint64_t reported_ = 0;
    pid_t child_ = 0;
    int reports_ = -1;
};

/// Reads what one owner has, and removes it; the number in each stanza must rise by two.
std::uint64_t drain(Machine& machine, Storage& storage, const char* owner, std::uint64_t first)
{
    std::uint64_t number = first;
    std::uint64_t position = 0;
    for (bool complete = false; !complete;) {
        const OfflinePage page = machine.get(storage.offline().read(owner, position, 1000));
        for (const OfflineEntry& entry : page.entries) {
            BOOST_TEST_REQUIRE(entry.stanza == std::to_string(number));
            number += 2;
            position = entry.position;
        }
        complete = page.complete;
    }
    const std::uint64_t found = (number - first) / 2;
    BOOST_TEST(machine.get(storage.offline().count(owner)) == found);
    BOOST_TEST(machine.get(storage.offline().remove_through(owner, position)) == found);
    return found;
}

/// A repeated append of what is there must be known as such.
void repeat(Machine& machine, Storage& storage, std::uint64_t number)
{
    const std::string text = std::to_string(number);
    OfflineDraft draft{"key" + text, {}, text};
    const char* owner = number % 2 == 0 ? juliet : romeo;
    const auto outcome = machine.get(storage.offline().append(owner, draft, no_limit));
    BOOST_TEST((outcome == OfflineOutcome::repeated));
}

/// Opens what the child left, checks it against what it reported; how many are there.
std::uint64_t
check(const TemporaryDirectory& directory, std::uint64_t first, std::uint64_t acknowledged)
{
    Machine machine{1};
    auto storage = open_lmdb(options(directory), machine.workers(), machine.clock());
    BOOST_TEST_REQUIRE(storage.has_value());
    const std::uint64_t even = drain(machine, **storage, juliet, first + first % 2);
    const std::uint64_t odd = drain(machine, **storage, romeo, first + 1 - first % 2);
    // Whole groups and no part of one: what is there is all from the first to some last one.
    const std::uint64_t leading = first % 2 == 0 ? even : odd;
    const std::uint64_t trailing = first % 2 == 0 ? odd : even;
    BOOST_TEST((leading == trailing || leading == trailing + 1));
    BOOST_TEST(even + odd >= acknowledged);
    if (acknowledged > 0) {
        repeat(machine, **storage, first + acknowledged - 1);
    }
    machine.wait((*storage)->close());
    return even + odd;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_kill)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_survives_kill_at_any_moment)
{
    std::mt19937 random{std::random_device{}()};
    std::uint64_t found = 0;
    std::uint64_t acknowledged = 0;
    for (int i = 0; i < rounds;) {
        const TemporaryDirectory directory; // a new one from time to time, to be killed making it
        std::uint64_t next = 0;
        for (const int last = i + 10; i < last; ++i) {
            Round round{directory, next};
            const unsigned reports = i % 4 == 0 ? 0 : static_cast<unsigned>(random() % 400);
            const std::uint64_t reported =
                round.kill_after(reports, static_cast<int>(random() % 8));
            next += check(directory, next, reported);
            acknowledged += reported;
        }
        found += next;
    }
    BOOST_TEST_MESSAGE(acknowledged << " acknowledged, " << found << " found");
    BOOST_TEST(acknowledged > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
