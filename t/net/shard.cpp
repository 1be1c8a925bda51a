// SPDX-License-Identifier: Apache-2.0
#include "net/shard.h"

#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "../fake/clock.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t tiny = 4;

/// Numbered mail of one shard to another, which notes whether it came in order.
struct Line {
    int next = 0;
    bool ordered = true;

    void take(int number) { ordered = ordered && number == next++; }
};

std::unique_ptr<Mail> numbered(Line& line, int number)
{
    const auto deed = [&line, number] { line.take(number); };
    return std::make_unique<Errand<decltype(deed)>>(deed);
}

struct ToldOnce final : Relief {
    void on_relief() override { told.set_value(); }

    std::promise<void> told;
};

Task<void> wait_for_ever(bool& left)
{
    struct Leaving {
        ~Leaving() { left = true; }

        bool& left;
    };

    const Leaving leaving{left};
    Oneshot<int> never;
    co_await never;
}

} // namespace

BOOST_AUTO_TEST_SUITE(shard)

BOOST_AUTO_TEST_CASE(mail_that_does_not_fit_waits_and_keeps_its_order)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 2, .mailbox = tiny}};
    Line line;
    constexpr int many = 1000;
    shards.start();
    std::promise<void> open;
    // The target stands still until all is sent.
    shards.shard(1).post([&open] { open.get_future().wait(); });
    const bool congested = shards.call(0, [&] {
        Shard& here = Shard::current();
        for (int i = 0; i < many; ++i) {
            here.send(1, numbered(line, i));
        }
        return here.congested(1) && !here.congested(0);
    });
    BOOST_TEST(congested);
    ToldOnce relief;
    shards.call(0, [&] { Shard::current().wait_for_relief(1, relief); });
    open.set_value();
    relief.told.get_future().wait();
    BOOST_TEST(!shards.call(0, [] { return Shard::current().congested(1); }));
    shards.call(1, [] {});
    shards.stop();
    BOOST_TEST(line.next == many);
    BOOST_TEST(line.ordered);
}

BOOST_AUTO_TEST_CASE(all_mailboxes_full_both_ways_lose_nothing_and_come_to_rest)
{
    const SystemClock clock;
    constexpr unsigned count = 3;
    constexpr int many = 20'000;
    Shards shards{clock, {.count = count, .mailbox = tiny}};
    std::vector<std::vector<Line>> lines(count, std::vector<Line>(count));
    shards.start();
    for (unsigned from = 0; from < count; ++from) {
        shards.shard(from).post([&lines, from] {
            for (int i = 0; i < many; ++i) {
                for (unsigned to = 0; to < count; ++to) {
                    Shard::current().send(to, numbered(lines[to][from], i));
                }
            }
        });
    }
    for (unsigned from = 0; from < count; ++from) {
        for (unsigned to = 0; to < count; ++to) {
            const auto waits = [to] { return Shard::current().congested(to); };
            while (shards.call(from, waits)) {
            }
        }
    }
    for (unsigned to = 0; to < count; ++to) {
        shards.call(to, [] {});
    }
    shards.stop();
    for (const std::vector<Line>& to : lines) {
        for (const Line& line : to) {
            BOOST_TEST(line.next == many);
            BOOST_TEST(line.ordered);
        }
    }
}

BOOST_AUTO_TEST_CASE(mail_in_reply_to_mail_crosses_full_mailboxes)
{
    // Each piece is sent on by its reader, so that both sides send while they read.
    struct Ball {
        static void hit(Shards& shards, int left, std::promise<void>& done)
        {
            if (left == 0) {
                done.set_value();
                return;
            }
            const unsigned other = 1 - Shard::current().index();
            const auto deed = [&shards, left, &done] { hit(shards, left - 1, done); };
            Shard::current().send(other, std::make_unique<Errand<decltype(deed)>>(deed));
        }
    };

    const SystemClock clock;
    Shards shards{clock, {.count = 2, .mailbox = 1}};
    shards.start();
    std::vector<std::promise<void>> balls(50);
    for (unsigned i = 0; i < balls.size(); ++i) {
        shards.shard(i % 2).post([&shards, &balls, i] { Ball::hit(shards, 500, balls[i]); });
    }
    for (std::promise<void>& ball : balls) {
        BOOST_REQUIRE((ball.get_future().wait_for(30s) == std::future_status::ready));
    }
}

BOOST_AUTO_TEST_CASE(what_was_put_off_is_done_at_the_end_of_the_turn_and_once)
{
    struct Counted final : TurnEnd {
        void on_turn_end() override { ++runs; }

        int runs = 0;
    };

    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    Counted kept;
    shards.call(0, [&] {
        Counted forgotten;
        Shard::current().at_turn_end(kept);
        Shard::current().at_turn_end(kept);
        Shard::current().at_turn_end(forgotten);
    });
    BOOST_TEST(shards.call(0, [&] { return kept.runs; }) == 1);
    BOOST_TEST(shards.call(0, [&] { return kept.runs; }) == 1);
}

BOOST_AUTO_TEST_CASE(an_exception_in_mail_does_not_stop_the_shard)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    shards.shard(0).post([] { throw std::runtime_error{"in mail"}; });
    BOOST_TEST(shards.call(0, [] { return 7; }) == 7);
    BOOST_CHECK_THROW(
        shards.call(0, [] { throw std::runtime_error{"in a call"}; }), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(an_idle_shard_sleeps)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    const auto turns = [] { return Shard::current().turns(); };
    const std::uint64_t before = shards.call(0, turns);
    // Enough time for a loop that spins to betray itself by thousands of turns.
    std::this_thread::sleep_for(30ms);
    BOOST_TEST(shards.call(0, turns) <= before + 2);
}

BOOST_AUTO_TEST_CASE(a_guest_task_ends_with_its_shard_at_the_latest)
{
    const SystemClock clock;
    bool left = false;
    {
        Shards shards{clock, {.count = 1}};
        shards.start();
        shards.call(0, [&] { Shard::current().spawn(wait_for_ever(left)); });
        shards.stop();
        BOOST_TEST(!left);
    }
    BOOST_TEST(left);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
