// SPDX-License-Identifier: Apache-2.0
#include "net/shards.h"

#include "base/clock.h"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <thread>

namespace sarang {

BOOST_AUTO_TEST_SUITE(shards)

BOOST_AUTO_TEST_CASE(there_are_as_many_as_usable_cpus_by_default)
{
    cpu_set_t cpus;
    BOOST_REQUIRE_EQUAL(::sched_getaffinity(0, sizeof cpus, &cpus), 0);
    const SystemClock clock;
    const Shards shards{clock, {}};
    BOOST_TEST(shards.size() == static_cast<unsigned>(CPU_COUNT(&cpus)));
}

BOOST_AUTO_TEST_CASE(each_runs_on_its_own_thread_and_knows_itself)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 3}};
    shards.start();
    std::vector<std::thread::id> threads;
    for (unsigned i = 0; i < shards.size(); ++i) {
        BOOST_TEST(shards.call(i, [] { return Shard::current().index(); }) == i);
        threads.push_back(shards.call(i, [] { return std::this_thread::get_id(); }));
    }
    BOOST_TEST((threads[0] != threads[1] && threads[1] != threads[2]));
}

BOOST_AUTO_TEST_CASE(signals_are_left_to_the_main_thread)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    const bool blocked = shards.call(0, [] {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        return sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGPIPE) == 1;
    });
    BOOST_TEST(blocked);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    BOOST_TEST(sigismember(&mask, SIGTERM) == 0);
}

BOOST_AUTO_TEST_CASE(mail_that_came_too_late_is_freed)
{
    const SystemClock clock;
    const auto kept = std::make_shared<int>(1);
    {
        Shards shards{clock, {.count = 2}};
        shards.start();
        shards.stop();
        shards.shard(0).post([kept] {});
    }
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(they_can_be_stopped_without_having_been_started)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 2}};
    shards.stop();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
