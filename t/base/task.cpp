// SPDX-License-Identifier: Apache-2.0
#include "base/task.h"

#include "base/gate.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "../fake/loop.h"

namespace sarang {
namespace {

constexpr int million = 1'000'000;

/// Counts what is alive, e.g. the frames of a chain.
class Alive {
public:
    explicit Alive(int& count)
        : count_{&count}
    {
        ++*count_;
    }

    Alive(const Alive& other)
        : Alive{*other.count_}
    {}

    Alive& operator=(const Alive&) = delete;

    ~Alive() { --*count_; }

private:
    int* count_;
};

// How a child ends, and whether it lets the loop turn before.
enum class End { value, error, exception };

struct Way {
    End end;
    bool suspends;
};

const std::vector<Way> errors{{End::error, false}, {End::error, true}};
const std::vector<Way> exceptions{{End::exception, false}, {End::exception, true}};

Task<Result<int>> child(Way way)
{
    if (way.suspends) {
        co_await yield();
    }
    if (way.end == End::error) {
        co_return fail(Condition::conflict, "text", "cause");
    }
    if (way.end == End::exception) {
        throw std::runtime_error{"thrown"};
    }
    co_return 7;
}

Task<Result<void>> child_without_value(Way way)
{
    co_await ok(child(way));
    co_return {};
}

std::string what(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return exception.what();
    }
}

Task<int> ready(int value)
{
    co_return value;
}

Task<Result<int>> ready_result(int value)
{
    co_return value;
}

Task<void> add_ready_tasks(long& sum)
{
    for (int i = 0; i < million; ++i) {
        sum += co_await ready(1);
    }
}

Task<Result<void>> add_ready_results(long& sum)
{
    for (int i = 0; i < million; ++i) {
        sum += co_await ok(ready_result(1));
        sum += co_await ok(Result<int>(1));
    }
    co_return {};
}

Task<void> count_turns(long& turns, long until)
{
    while (turns < until) {
        co_await yield();
        ++turns;
    }
}

/// Stores what a task yields, so that a test can look at it.
template <class T>
Task<void> keep(Task<T> task, std::optional<T>& kept)
{
    kept.emplace(co_await task);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(task, Loop)

BOOST_AUTO_TEST_CASE(a_million_ready_tasks_are_awaited_in_one_loop)
{
    long sum = 0;
    spawn(add_ready_tasks(sum));
    BOOST_TEST(sum == million);
}

BOOST_AUTO_TEST_CASE(a_million_ready_results_are_taken_by_ok_in_one_loop)
{
    long sum = 0;
    std::optional<Result<void>> result;
    spawn(keep(add_ready_results(sum), result));
    BOOST_TEST(sum == 2 * million);
    BOOST_TEST(result.value().has_value());
}

BOOST_AUTO_TEST_CASE(a_task_that_yields_a_million_times_needs_no_stack)
{
    long turns = 0;
    spawn(count_turns(turns, million));
    run();
    BOOST_TEST(turns == million);
}

BOOST_AUTO_TEST_CASE(a_task_does_nothing_until_it_is_awaited)
{
    long sum = 0;
    {
        const Task<void> task = add_ready_tasks(sum);
        BOOST_TEST(!task.finished());
    }
    BOOST_TEST(sum == 0);
}

BOOST_AUTO_TEST_CASE(one_run_of_the_executor_is_bounded)
{
    long turns = 0;
    spawn(count_turns(turns, million));
    BOOST_TEST(executor().run());
    BOOST_TEST(turns < million);
    run();
    BOOST_TEST(executor().idle());
}

namespace {

Task<void> note(std::string& trace, char name)
{
    for (int turn = 0; turn < 3; ++turn) {
        trace += name;
        co_await yield();
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(tasks_that_yield_take_turns_in_the_order_in_which_they_came)
{
    std::string trace;
    for (const char name : {'a', 'b', 'c'}) {
        spawn(note(trace, name));
    }
    BOOST_TEST(trace == "abc");
    run();
    BOOST_TEST(trace == "abcabcabc");
}

namespace {

Task<std::unique_ptr<int>> unique(int value)
{
    co_await yield();
    co_return std::make_unique<int>(value);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_copied_is_handed_on)
{
    std::optional<std::unique_ptr<int>> kept;
    spawn(keep(unique(5), kept));
    run();
    BOOST_TEST(*kept.value() == 5);
}

namespace {

Task<Result<int>> one_more(Way way)
{
    const int value = co_await ok(child(way));
    co_return value + 1;
}

} // namespace

BOOST_AUTO_TEST_CASE(ok_yields_the_value_of_a_child)
{
    for (const bool suspends : {false, true}) {
        std::optional<Result<int>> result;
        spawn(keep(one_more({End::value, suspends}), result));
        BOOST_TEST(result.has_value() == !suspends);
        run();
        BOOST_TEST(result.value().value() == 8);
    }
}

BOOST_AUTO_TEST_CASE(ok_leaves_with_the_error_of_a_child)
{
    for (const Way way : errors) {
        std::optional<Result<int>> result;
        spawn(keep(one_more(way), result));
        run();
        BOOST_TEST(!result.value().has_value());
        BOOST_TEST((result->error() == Error{Condition::conflict, "text", "cause", {}}));
    }
}

BOOST_AUTO_TEST_CASE(ok_leaves_a_task_that_has_no_value)
{
    for (const Way way : errors) {
        std::optional<Result<void>> result;
        spawn(keep(child_without_value(way), result));
        run();
        BOOST_TEST(!result.value().has_value());
        BOOST_TEST((result->error().condition == Condition::conflict));
    }
}

namespace {

Task<Result<int>> suspend_and_take(Result<int> result, bool& went_on)
{
    co_await yield();
    const int value = co_await ok(std::move(result));
    went_on = true;
    co_return value;
}

} // namespace

BOOST_AUTO_TEST_CASE(ok_leaves_with_the_error_of_a_result_that_is_there_already)
{
    bool went_on = false;
    std::optional<Result<int>> result;
    spawn(keep(suspend_and_take(fail(Condition::gone), went_on), result));
    run();
    BOOST_TEST((result.value().error().condition == Condition::gone));
    BOOST_TEST(!went_on);
}

namespace {

struct Dive {
    Way way{};
    int alive = 0;
    Gate gate;
};

Task<Result<int>> dive(Dive& state, int depth)
{
    const Alive alive{state.alive};
    const auto hold = state.gate.enter();
    if (depth == 0) {
        co_return co_await child(state.way);
    }
    const int below = co_await ok(dive(state, depth - 1));
    co_return below + 1;
}

constexpr int deep = 1000;

} // namespace

BOOST_AUTO_TEST_CASE(a_value_comes_up_from_depth_1000)
{
    for (const bool suspends : {false, true}) {
        Dive state;
        state.way = {End::value, suspends};
        std::optional<Result<int>> result;
        spawn(keep(dive(state, deep), result));
        run();
        BOOST_TEST(result.value().value() == 7 + deep);
        BOOST_TEST(state.alive == 0);
    }
}

BOOST_AUTO_TEST_CASE(an_error_at_depth_1000_lets_go_of_the_gates_that_were_held)
{
    for (const Way way : errors) {
        Dive state;
        state.way = way;
        std::optional<Result<int>> result;
        spawn(keep(dive(state, deep), result));
        if (way.suspends) {
            BOOST_TEST(state.gate.inside() == deep + 1);
            spawn(state.gate.close());
        }
        run();
        BOOST_TEST((result.value().error().condition == Condition::conflict));
        BOOST_TEST(state.gate.inside() == 0);
        BOOST_TEST(state.alive == 0);
    }
}

BOOST_AUTO_TEST_CASE(an_exception_at_depth_1000_reaches_the_root)
{
    for (const Way way : exceptions) {
        Dive state;
        state.way = way;
        std::optional<Result<int>> result;
        spawn(keep(dive(state, deep), result));
        run();
        BOOST_TEST(!result.has_value());
        BOOST_TEST(what(thrown().back()) == "thrown");
        BOOST_TEST(state.alive == 0);
    }
    BOOST_TEST(thrown().size() == exceptions.size());
}

namespace {

Task<int> catch_of_task(Way way)
{
    try {
        static_cast<void>(co_await child(way));
    } catch (const std::runtime_error&) {
        co_return 1;
    }
    co_return 0;
}

Task<Result<int>> catch_of_ok(Way way)
{
    try {
        co_await ok(child(way));
    } catch (const std::runtime_error&) {
        co_return 1;
    }
    co_return 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_parent_catches_what_its_child_throws)
{
    for (const Way way : exceptions) {
        std::optional<int> caught;
        std::optional<Result<int>> caught_of_ok;
        spawn(keep(catch_of_task(way), caught));
        spawn(keep(catch_of_ok(way), caught_of_ok));
        run();
        BOOST_TEST(caught.value() == 1);
        BOOST_TEST(caught_of_ok.value().value() == 1);
    }
    BOOST_TEST(thrown().empty());
}

namespace {

Task<Result<int>> error_of_left_child(int& alive, Way way)
{
    // The child was left, not finished: what it holds dies with this expression.
    const auto result = co_await child_without_value(way);
    const Alive after{alive};
    co_return result ? 0 : alive;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_parent_that_takes_the_error_as_a_value_goes_on)
{
    for (const Way way : errors) {
        int alive = 0;
        std::optional<Result<int>> result;
        spawn(keep(error_of_left_child(alive, way), result));
        run();
        BOOST_TEST(result.value().value() == 1);
        BOOST_TEST(alive == 0);
    }
}

namespace {

Task<void> throw_in(Way way)
{
    static_cast<void>(co_await child(way));
}

} // namespace

BOOST_AUTO_TEST_CASE(what_a_spawned_task_throws_is_reported)
{
    for (const Way way : exceptions) {
        spawn(throw_in(way));
        run();
        BOOST_TEST(what(thrown().back()) == "thrown");
    }
    BOOST_TEST(thrown().size() == exceptions.size());
}

BOOST_AUTO_TEST_CASE(what_a_running_task_throws_is_reported_once)
{
    for (const Way way : exceptions) {
        const Running running{throw_in(way)};
        BOOST_TEST(running.active() == way.suspends);
        run();
        BOOST_TEST(!running.active());
        BOOST_TEST(what(thrown().back()) == "thrown");
    }
    BOOST_TEST(thrown().size() == exceptions.size());
}

namespace {

Task<Result<int>> wait_at_depth(int depth, Oneshot<int>& answer, int& alive)
{
    const Alive here{alive};
    if (depth == 0) {
        co_return co_await answer;
    }
    co_return co_await ok(wait_at_depth(depth - 1, answer, alive));
}

Task<void> wait_below(int depth, Oneshot<int>& answer, int& alive, bool& done)
{
    const Alive here{alive};
    static_cast<void>(co_await wait_at_depth(depth, answer, alive));
    done = true;
}

} // namespace

BOOST_AUTO_TEST_CASE(destroying_a_running_task_cancels_it_at_any_depth)
{
    for (int depth = 0; depth < 50; ++depth) {
        Oneshot<int> answer;
        int alive = 0;
        bool done = false;
        {
            const Running running{wait_below(depth, answer, alive, done)};
            BOOST_TEST(running.active());
            BOOST_TEST(alive == depth + 2);
        }
        BOOST_TEST(alive == 0);
        answer.accept(1);
        run();
        BOOST_TEST(!done);
    }
}

namespace {

Task<void> cancel_after(int turns, Running& running, const int& alive, int& alive_then)
{
    for (int turn = 0; turn < turns; ++turn) {
        co_await yield();
    }
    alive_then = alive;
    running = Running{};
}

} // namespace

BOOST_AUTO_TEST_CASE(destroying_a_running_task_cancels_it_while_it_is_scheduled)
{
    // With each turn of the loop the value has come up by one more frame.
    for (int turns = 0; turns <= 50; ++turns) {
        Oneshot<int> answer;
        int alive = 0;
        int alive_then = 0;
        bool done = false;
        Running running{wait_below(50, answer, alive, done)};
        answer.accept(1);
        spawn(cancel_after(turns, running, alive, alive_then));
        run();
        BOOST_TEST(alive_then == 52 - turns);
        BOOST_TEST(alive == 0);
        BOOST_TEST(!done);
    }
}

BOOST_AUTO_TEST_CASE(a_running_task_can_be_moved_and_replaced)
{
    Oneshot<int> first;
    Oneshot<int> second;
    int alive = 0;
    bool done = false;
    Running running{wait_below(3, first, alive, done)};
    Running moved = std::move(running);
    BOOST_TEST(moved.active());
    moved = Running{wait_below(1, second, alive, done)};
    BOOST_TEST(alive == 3);
    second.accept(1);
    run();
    BOOST_TEST(done);
    BOOST_TEST(!moved.active());
    running = std::move(moved);
    BOOST_TEST(!running.active());
}

namespace {

Task<void> await_elsewhere(Task<void>& child, bool& done)
{
    co_await child;
    done = true;
}

Task<void> wait_for(Oneshot<int>& answer)
{
    co_await answer;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_parent_may_go_before_a_child_that_it_does_not_own)
{
    Oneshot<int> answer;
    bool done = false;
    Task<void> child = wait_for(answer);
    {
        const Running running{await_elsewhere(child, done)};
    }
    answer.accept(1);
    run();
    BOOST_TEST(child.finished());
    BOOST_TEST(!done);
}

BOOST_AUTO_TEST_CASE(a_child_may_go_before_a_parent_that_does_not_own_it)
{
    Oneshot<int> answer;
    bool done = false;
    auto child = std::make_unique<Task<void>>(wait_for(answer));
    const Running running{await_elsewhere(*child, done)};
    child.reset();
    answer.accept(1);
    run();
    BOOST_TEST(running.active());
    BOOST_TEST(!done);
}

BOOST_AUTO_TEST_CASE(a_scheduled_task_outlives_its_executor)
{
    long turns = 0;
    Running running;
    {
        Loop inner;
        running = Running{count_turns(turns, 10)};
    }
    BOOST_TEST(running.active());
    BOOST_TEST(turns == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
