// SPDX-License-Identifier: Apache-2.0
#include "net/call.h"

#include "base/clock.h"
#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace sarang {
namespace {

using namespace std::chrono_literals;

struct Stage {
    const SystemClock clock;
    Shards shards{clock, {.count = 2}};

    Stage() { shards.start(); }

    /// Runs a task on shard 0 and waits for its value.
    template <class T>
    T await(Task<T> task)
    {
        std::promise<T> done;
        std::future<T> value = done.get_future();
        shards.call(0, [&] { Shard::current().spawn(tell(std::move(task), done)); });
        BOOST_REQUIRE((value.wait_for(30s) == std::future_status::ready));
        return value.get();
    }

    template <class T>
    static Task<void> tell(Task<T> task, std::promise<T>& done)
    {
        try {
            done.set_value(co_await task);
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    }
};

Task<unsigned> where_after_a_while()
{
    co_await yield();
    co_return Shard::current().index();
}

Task<std::string> ask_both(Shard& there)
{
    const auto plain = [] { return Shard::current().index(); };
    const auto task = [] { return where_after_a_while(); };
    const unsigned at_once = co_await on(there, plain);
    const unsigned later = co_await on(there, task);
    co_return std::to_string(at_once) + std::to_string(later) +
        std::to_string(Shard::current().index());
}

Task<int> ask_what_throws(Shard& there)
{
    const auto thrower = []() -> int { throw std::runtime_error{"over there"}; };
    co_return co_await on(there, thrower);
}

Task<int> ask_nothing(Shard& there)
{
    int noted = 0;
    const auto deed = [&noted] { noted = 7; };
    co_await on(there, deed);
    co_return noted;
}

Task<int> await_for_ever(std::shared_ptr<int> kept)
{
    Oneshot<int> never;
    co_return co_await never + *kept;
}

/// Holds `kept` in its frame for as long as the question is open.
Task<void> ask_for_ever(Shard& there, std::shared_ptr<int> kept)
{
    const auto deed = [kept] { return await_for_ever(kept); };
    co_await on(there, deed);
}

Task<void> ask_once(Shard& there, bool& answered)
{
    const auto deed = [] { return 1; };
    co_await on(there, deed);
    answered = true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(call)

BOOST_AUTO_TEST_CASE(a_deed_runs_there_and_its_asker_resumes_here)
{
    Stage stage;
    BOOST_TEST(stage.await(ask_both(stage.shards.shard(1))) == "110");
    BOOST_TEST(stage.await(ask_both(stage.shards.shard(0))) == "000");
    BOOST_TEST(stage.await(ask_nothing(stage.shards.shard(1))) == 7);
}

BOOST_AUTO_TEST_CASE(an_exception_comes_back)
{
    Stage stage;
    BOOST_CHECK_THROW(stage.await(ask_what_throws(stage.shards.shard(1))), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(an_asker_that_goes_abandons_the_answer)
{
    Stage stage;
    bool answered = false;
    std::promise<void> hold;
    stage.shards.shard(1).post([&hold] { hold.get_future().wait(); });
    stage.shards.call(0, [&] {
        const Running asker{ask_once(stage.shards.shard(1), answered)};
        BOOST_TEST(asker.active());
    });
    hold.set_value();
    stage.shards.call(1, [] {});
    stage.shards.call(0, [] {});
    BOOST_TEST(!answered);
}

BOOST_AUTO_TEST_CASE(questions_that_are_open_at_the_end_leave_nothing_behind)
{
    const auto kept = std::make_shared<int>(0);
    {
        Stage stage;
        stage.shards.call(
            0, [&] { Shard::current().spawn(ask_for_ever(stage.shards.shard(1), kept)); });
        stage.shards.call(1, [] {});
        BOOST_TEST(kept.use_count() > 1);
    }
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
