// SPDX-License-Identifier: Apache-2.0
#include "net/worker.h"

#include "base/clock.h"
#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace sarang {
namespace {

using namespace std::chrono_literals;

template <class Deed, class Value>
Task<void> work(WorkerPool& pool, Deed deed, std::promise<Value>& done)
{
    Value value = co_await pool.run(deed);
    done.set_value(std::move(value));
}

struct Stage {
    explicit Stage(WorkerPool::Options options)
        : pool{std::in_place, std::move(options)}
    {
        shards.start();
    }

    /// Gives `deed` to the pool from shard 0.
    template <class Deed>
    auto start(Deed deed)
    {
        using Value = typename detail::JobOf<Deed>::Value;
        auto done = std::make_unique<std::promise<Value>>();
        shards.call(0, [&] { Shard::current().spawn(work(*pool, deed, *done)); });
        return done;
    }

    template <class Deed>
    auto run(Deed deed)
    {
        const auto done = start(deed);
        auto future = done->get_future();
        BOOST_REQUIRE((future.wait_for(30s) == std::future_status::ready));
        return future.get();
    }

    const SystemClock clock;
    Shards shards{clock, {.count = 2}};
    std::optional<WorkerPool> pool;
};

} // namespace

BOOST_AUTO_TEST_SUITE(worker)

BOOST_AUTO_TEST_CASE(work_runs_off_the_shard_and_its_value_comes_back)
{
    Stage stage{{.name = "test", .threads = 2, .queue = 4}};
    const auto shard = stage.shards.call(0, [] { return std::this_thread::get_id(); });
    const auto where = [] { return std::this_thread::get_id(); };
    BOOST_TEST((stage.run(where).value() != shard));
    const auto nothing = [] {};
    BOOST_TEST(stage.run(nothing).has_value());
    const auto failing = []() -> Result<int> { return fail(Condition::item_not_found); };
    BOOST_TEST((stage.run(failing).error().condition == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE(what_throws_fails_with_its_cause)
{
    Stage stage{{.name = "test", .threads = 1, .queue = 4}};
    const auto throwing = []() -> int { throw std::runtime_error{"no disk"}; };
    const Error error = stage.run(throwing).error();
    BOOST_TEST((error.condition == Condition::internal_server_error));
    BOOST_TEST(error.cause == "no disk");
    BOOST_TEST(error.text.empty());
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_at_once)
{
    Stage stage{{.name = "test", .threads = 1, .queue = 2}};
    std::promise<void> running;
    std::promise<void> go;
    const auto first = [&running, &go] {
        running.set_value();
        go.get_future().wait();
    };
    const auto quick = [] { return 1; };
    const auto blocked = stage.start(first);
    running.get_future().wait();
    const auto second = stage.start(quick);
    const auto third = stage.start(quick);
    BOOST_TEST(stage.pool->queued() == 2U);
    const Result<int> refused = stage.run(quick);
    BOOST_TEST((refused.error().condition == Condition::resource_constraint));
    go.set_value();
    BOOST_TEST(second->get_future().get().value() == 1);
    BOOST_TEST(third->get_future().get().value() == 1);
    BOOST_TEST(blocked->get_future().get().has_value());
}

BOOST_AUTO_TEST_CASE(a_task_that_goes_abandons_the_result)
{
    Stage stage{{.name = "test", .threads = 1, .queue = 2}};
    std::promise<void> running;
    std::promise<void> go;
    const auto kept = std::make_shared<int>(0);
    const auto deed = [&running, &go, kept] {
        running.set_value();
        go.get_future().wait();
        return *kept;
    };
    std::promise<Result<int>> never;
    stage.shards.call(0, [&] {
        const Running task{work(*stage.pool, deed, never)};
        BOOST_TEST(task.active());
    });
    running.get_future().wait();
    go.set_value();
    const auto quick = [] { return 1; };
    BOOST_TEST(stage.run(quick).value() == 1);
    BOOST_TEST((never.get_future().wait_for(0s) == std::future_status::timeout));
}

BOOST_AUTO_TEST_CASE(what_still_waits_when_the_pool_stops_fails)
{
    Stage stage{{.name = "test", .threads = 1, .queue = 2}};
    std::promise<void> running;
    std::promise<void> go;
    const auto first = [&running, &go] {
        running.set_value();
        go.get_future().wait();
        return 1;
    };
    const auto quick = [] { return 2; };
    const auto runs = stage.start(first);
    running.get_future().wait();
    const auto waits = stage.start(quick);
    std::thread stopper{[&stage] { stage.pool.reset(); }};
    go.set_value();
    stopper.join();
    BOOST_TEST(runs->get_future().get().value() == 1);
    const Result<int> second = waits->get_future().get();
    // The worker may have been quicker than the end of the pool.
    BOOST_TEST(
        (second.has_value() ? second.value() == 2
                            : second.error().condition == Condition::service_unavailable));
}

BOOST_AUTO_TEST_CASE(a_stopped_pool_refuses)
{
    Stage stage{{.name = "test", .threads = 1, .queue = 2}};
    stage.pool->stop();
    const auto quick = [] { return 1; };
    const Result<int> refused = stage.run(quick);
    BOOST_TEST((refused.error().condition == Condition::service_unavailable));
    stage.pool->stop();
}

BOOST_AUTO_TEST_CASE(a_pool_that_outlives_the_shards_stops_before_they_go)
{
    const SystemClock clock;
    std::optional<WorkerPool> pool{std::in_place, WorkerPool::Options{"test", 1, 2}};
    auto shards = std::make_unique<Shards>(clock, Shards::Options{.count = 1});
    shards->start();
    std::promise<void> running;
    std::promise<void> go;
    const auto deed = [&running, &go] {
        running.set_value();
        go.get_future().wait();
        return 1;
    };
    std::promise<Result<int>> never;
    shards->call(0, [&] { Shard::current().spawn(work(*pool, deed, never)); });
    running.get_future().wait();
    shards->stop();
    go.set_value();
    pool->stop();
    shards.reset();
    BOOST_TEST((never.get_future().wait_for(0s) == std::future_status::timeout));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
