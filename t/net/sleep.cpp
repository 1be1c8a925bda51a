// SPDX-License-Identifier: Apache-2.0
#include "net/sleep.h"

#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>

#include "../fake/clock.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

Task<void> sleep_and_note(std::chrono::nanoseconds time, bool& woken)
{
    Shard& here = Shard::current();
    co_await here.sleep(time);
    woken = true;
}

Task<void> sleep_and_tell(std::chrono::nanoseconds time, std::promise<void>& told)
{
    Shard& here = Shard::current();
    co_await here.sleep(time);
    told.set_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sleep)

BOOST_AUTO_TEST_CASE(a_task_sleeps_until_its_time)
{
    ManualClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    bool woken = false;
    const auto pass = [&](std::chrono::nanoseconds time) {
        shards.call(0, [&] {
            clock.advance(time);
            Shard::current().timers().forget_now();
        });
        return shards.call(0, [&] { return woken; });
    };
    shards.call(0, [&] { Shard::current().spawn(sleep_and_note(1s, woken)); });
    BOOST_TEST(!pass(990ms));
    BOOST_TEST(pass(10ms));
}

BOOST_AUTO_TEST_CASE(a_sleeping_shard_wakes_by_itself_for_a_timer)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    std::promise<void> told;
    const auto begin = std::chrono::steady_clock::now();
    shards.call(0, [&] { Shard::current().spawn(sleep_and_tell(50ms, told)); });
    BOOST_REQUIRE((told.get_future().wait_for(30s) == std::future_status::ready));
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_dropped_in_its_sleep_does_not_wake)
{
    ManualClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    bool woken = false;
    shards.call(0, [&] {
        {
            const Running running{sleep_and_note(1s, woken)};
            BOOST_TEST(running.active());
        }
        clock.advance(2s);
        Shard::current().timers().forget_now();
    });
    shards.call(0, [] {});
    BOOST_TEST(!woken);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
