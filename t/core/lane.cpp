// SPDX-License-Identifier: Apache-2.0
#include "core/lane.h"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "../fake/loop.h"

namespace sarang {
namespace {

struct Owner {
    Step begin(int& item)
    {
        if (item >= 0) {
            return Step::finish_after(AppendTicket::none);
        }
        waiting.push_back(std::make_unique<Oneshot<bool>>());
        return Step::wait(wait(item, *waiting.back()));
    }

    std::optional<Task<void>> finish(int&& item, AppendOutcome)
    {
        done.push_back(item);
        return std::nullopt;
    }

    static bool begins_early(int) { return false; }

    Settlements& settlements() { return settled; }

    Task<void> wait(int item, Oneshot<bool>& signal)
    {
        const bool fine = co_await signal;
        if (!fine) {
            throw std::runtime_error{"broken"};
        }
        done.push_back(item);
    }

    void lane_idle() { ++idles; }

    Settlements settled;
    std::vector<int> done;
    std::deque<std::unique_ptr<Oneshot<bool>>> waiting;
    int idles = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lane)

BOOST_AUTO_TEST_CASE(an_item_that_need_not_wait_is_done_at_once)
{
    Loop loop;
    Owner owner;
    Lane<Owner, int> lane{owner};
    lane.submit(1);
    lane.submit(2);
    BOOST_TEST(owner.done == (std::vector{1, 2}));
    BOOST_TEST(!lane.busy());
}

BOOST_AUTO_TEST_CASE(nothing_overtakes_what_waits)
{
    Loop loop;
    Owner owner;
    Lane<Owner, int> lane{owner};
    lane.submit(-1);
    lane.submit(2);
    lane.submit(-3);
    lane.submit(4);
    BOOST_TEST(owner.done.empty());
    BOOST_TEST(lane.waiting() == 3U);
    owner.waiting[0]->accept(true);
    loop.run();
    BOOST_TEST(owner.done == (std::vector{-1, 2}));
    owner.waiting[1]->accept(true);
    loop.run();
    BOOST_TEST(owner.done == (std::vector{-1, 2, -3, 4}));
    BOOST_TEST(!lane.busy());
    BOOST_TEST(owner.idles == 1);
}

BOOST_AUTO_TEST_CASE(an_item_that_throws_does_not_stop_the_lane)
{
    Loop loop;
    Owner owner;
    Lane<Owner, int> lane{owner};
    lane.submit(-1);
    lane.submit(2);
    owner.waiting[0]->accept(false);
    loop.run();
    BOOST_TEST(owner.done == (std::vector{2}));
    BOOST_TEST(loop.thrown().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_order_holds_whatever_waits_however_long)
{
    Loop loop;
    Owner owner;
    Lane<Owner, int> lane{owner};
    std::mt19937 random{7};
    std::vector<int> sent;
    std::size_t answered = 0;
    for (int i = 1; i <= 10'000; ++i) {
        const int item = random() % 3 == 0 ? -i : i;
        sent.push_back(item);
        lane.submit(item);
        while (answered < owner.waiting.size() && random() % 2 == 0) {
            owner.waiting[answered++]->accept(true);
            loop.run();
        }
    }
    for (; answered < owner.waiting.size(); ++answered) {
        owner.waiting[answered]->accept(true);
        loop.run();
    }
    BOOST_TEST((owner.done == sent));
}

namespace {

/// Submits items of its own while it sees to one, as an error does that comes back to its sender.
struct Echo {
    Step begin(int& item)
    {
        begun.push_back(item);
        for (const int more : std::exchange(echoes, {})) {
            lane.submit(more);
        }
        if (item < 0) {
            return Step::wait(wait(item));
        }
        if (item == thrown) {
            throw std::runtime_error{"broken"};
        }
        return Step::over();
    }

    static std::optional<Task<void>> finish(int&&, AppendOutcome) { return std::nullopt; }

    static bool begins_early(int) { return false; }

    Settlements& settlements() { return settled; }

    Task<void> wait(int item)
    {
        lane.submit(-1000 * item);
        const bool fine = co_await signal;
        static_cast<void>(fine);
        ended.push_back(item);
    }

    void lane_idle()
    {
        for (const int more : std::exchange(afterwards, {})) {
            lane.submit(more);
        }
    }

    static constexpr int thrown = 99;
    Settlements settled;
    std::vector<int> echoes;
    std::vector<int> afterwards;
    std::vector<int> begun;
    std::vector<int> ended;
    Oneshot<bool> signal;
    Lane<Echo, int> lane{*this};
};

} // namespace

BOOST_AUTO_TEST_CASE(what_an_item_submits_comes_after_it)
{
    Loop loop;
    Echo echo;
    echo.echoes = {2, 3};
    echo.lane.submit(1);
    BOOST_TEST(echo.begun == (std::vector{1, 2, 3}));
    BOOST_TEST(!echo.lane.busy());
}

BOOST_AUTO_TEST_CASE(what_an_item_submits_before_and_while_it_waits_comes_after_it)
{
    Loop loop;
    Echo echo;
    echo.echoes = {2};
    echo.lane.submit(-1);
    BOOST_TEST(echo.begun == std::vector{-1});
    BOOST_TEST(echo.lane.waiting() == 2U);
    echo.signal.accept(true);
    loop.run();
    BOOST_TEST(echo.ended == std::vector{-1});
    BOOST_TEST(echo.begun == (std::vector{-1, 2, 1000}));
}

BOOST_AUTO_TEST_CASE(what_a_lane_that_caught_up_is_given_is_not_left_lying)
{
    Loop loop;
    Echo echo;
    echo.afterwards = {5, 6};
    echo.lane.submit(-1);
    echo.signal.accept(true);
    loop.run();
    BOOST_TEST(echo.begun == (std::vector{-1, 1000, 5, 6}));
    BOOST_TEST(!echo.lane.busy());
}

BOOST_AUTO_TEST_CASE(an_item_that_throws_at_once_is_reported_and_the_next_is_seen_to)
{
    Loop loop;
    Echo echo;
    echo.lane.submit(Echo::thrown);
    echo.lane.submit(1);
    BOOST_TEST(echo.begun == (std::vector{Echo::thrown, 1}));
    BOOST_TEST(loop.thrown().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_lane_that_goes_cancels_what_it_waits_for)
{
    Loop loop;
    Owner owner;
    {
        Lane<Owner, int> lane{owner};
        lane.submit(-1);
        lane.submit(2);
    }
    owner.waiting[0]->accept(true);
    loop.run();
    BOOST_TEST(owner.done.empty());
}

namespace {

/// Appends what is above 0, each with the next ticket; what is below -100 waits for a signal once
/// it is durable, and 0 is neither appended nor begun early.
struct Keeper {
    Step begin(int& item)
    {
        begun.push_back(item);
        if (item == refused) {
            return Step::over();
        }
        return Step::finish_after(item == 0 ? AppendTicket::none : AppendTicket{++appended});
    }

    std::optional<Task<void>> finish(int&& item, AppendOutcome outcome)
    {
        if (outcome != AppendOutcome::durable) {
            lost.push_back(item);
            return std::nullopt;
        }
        if (item < -100) {
            return wait(item);
        }
        done.push_back(item);
        return std::nullopt;
    }

    Task<void> wait(int item)
    {
        const bool fine = co_await signal;
        static_cast<void>(fine);
        done.push_back(item);
    }

    static bool begins_early(int item) { return item != 0; }

    Settlements& settlements() { return settled; }

    void lane_idle() { ++idles; }

    void settle(std::uint64_t through, AppendOutcome outcome = AppendOutcome::durable)
    {
        settled.settle({AppendTicket{through}, outcome});
    }

    static constexpr int refused = 99;
    Settlements settled;
    std::uint64_t appended = 0;
    std::vector<int> begun;
    std::vector<int> done;
    std::vector<int> lost;
    int idles = 0;
    Oneshot<bool> signal;
    Lane<Keeper, int> lane{*this};
};

} // namespace

BOOST_AUTO_TEST_CASE(items_are_appended_one_behind_the_other_and_finished_once_they_are_durable)
{
    Loop loop;
    Keeper keeper;
    for (int item = 1; item <= 3; ++item) {
        keeper.lane.submit(item);
    }
    BOOST_TEST(keeper.begun == (std::vector{1, 2, 3}));
    BOOST_TEST(keeper.done.empty());
    keeper.settle(2);
    BOOST_TEST(keeper.done == (std::vector{1, 2}));
    BOOST_TEST(keeper.lane.busy());
    keeper.settle(3);
    BOOST_TEST(keeper.done == (std::vector{1, 2, 3}));
    BOOST_TEST(!keeper.lane.busy());
    BOOST_TEST(keeper.idles == 1);
}

BOOST_AUTO_TEST_CASE(what_is_not_appended_is_not_begun_before_the_earlier_ones_are_finished)
{
    Loop loop;
    Keeper keeper;
    for (const int item : {1, 0, 2}) {
        keeper.lane.submit(item);
    }
    BOOST_TEST(keeper.begun == std::vector{1});
    BOOST_TEST(keeper.lane.waiting() == 3U);
    keeper.settle(1);
    BOOST_TEST(keeper.done == (std::vector{1, 0}));
    BOOST_TEST(keeper.begun == (std::vector{1, 0, 2}));
    keeper.settle(2);
    BOOST_TEST(keeper.done == (std::vector{1, 0, 2}));
}

BOOST_AUTO_TEST_CASE(an_append_that_failed_fails_its_items_alone)
{
    Loop loop;
    Keeper keeper;
    for (int item = 1; item <= 3; ++item) {
        keeper.lane.submit(item);
    }
    keeper.settle(1);
    keeper.settle(2, AppendOutcome::refused);
    keeper.settle(3);
    BOOST_TEST(keeper.done == (std::vector{1, 3}));
    BOOST_TEST(keeper.lost == std::vector{2});
}

BOOST_AUTO_TEST_CASE(what_settles_while_a_task_runs_is_finished_after_it)
{
    Loop loop;
    Keeper keeper;
    for (const int item : {-101, 2, 3}) {
        keeper.lane.submit(item);
    }
    keeper.settle(1);
    keeper.settle(2, AppendOutcome::failed);
    keeper.settle(3);
    BOOST_TEST(keeper.done.empty());
    keeper.signal.accept(true);
    loop.run();
    BOOST_TEST(keeper.done == (std::vector{-101, 3}));
    BOOST_TEST(keeper.lost == std::vector{2});
    BOOST_TEST(!keeper.lane.busy());
}

BOOST_AUTO_TEST_CASE(what_is_over_at_once_still_counts_behind_what_waits)
{
    Loop loop;
    Keeper keeper;
    keeper.lane.submit(1);
    keeper.lane.submit(Keeper::refused);
    BOOST_TEST(keeper.lane.inside() == 2U);
    keeper.settle(1);
    BOOST_TEST(keeper.lane.inside() == 0U);
    BOOST_TEST(keeper.done == std::vector{1});
}

BOOST_AUTO_TEST_CASE(a_lane_that_goes_is_told_of_no_settlement)
{
    Loop loop;
    Keeper keeper;
    {
        Lane<Keeper, int> lane{keeper};
        lane.submit(1);
        BOOST_TEST(!keeper.settled.empty());
    }
    keeper.settle(1);
    BOOST_TEST(keeper.done.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
