// SPDX-License-Identifier: Apache-2.0
#include "base/oneshot.h"

#include "base/task.h"

#include <boost/test/unit_test.hpp>

#include <memory>

#include "../fake/loop.h"

namespace sarang {
namespace {

using Answer = Oneshot<std::unique_ptr<int>>;

Task<void> take(Answer& answer, int& taken)
{
    const auto value = co_await answer;
    taken = *value;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(oneshot, Loop)

BOOST_AUTO_TEST_CASE(a_value_that_is_delivered_later_is_taken_from_the_loop)
{
    Answer answer;
    Answer::Sender sender{answer};
    int taken = 0;
    const Running running{take(answer, taken)};
    sender.deliver(std::make_unique<int>(3));
    BOOST_TEST(taken == 0);
    run();
    BOOST_TEST(taken == 3);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_there_already_is_taken_at_once)
{
    Answer answer;
    answer.accept(std::make_unique<int>(3));
    int taken = 0;
    const Running running{take(answer, taken)};
    BOOST_TEST(taken == 3);
}

BOOST_AUTO_TEST_CASE(a_sender_whose_receiver_has_gone_delivers_to_nobody)
{
    auto answer = std::make_unique<Answer>();
    Answer::Sender sender{*answer};
    BOOST_TEST(!sender.abandoned());
    answer.reset();
    BOOST_TEST(sender.abandoned());
    sender.deliver(std::make_unique<int>(3));
    BOOST_TEST(executor().idle());
}

BOOST_AUTO_TEST_CASE(a_sender_may_go_before_what_it_delivered_is_taken)
{
    Answer answer;
    int taken = 0;
    const Running running{take(answer, taken)};
    {
        Answer::Sender sender{answer};
        sender.deliver(std::make_unique<int>(3));
    }
    run();
    BOOST_TEST(taken == 3);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_is_never_told_waits_until_it_is_cancelled)
{
    Answer answer;
    int taken = 0;
    {
        const Running running{take(answer, taken)};
        {
            const Answer::Sender sender{answer};
        }
        run();
        BOOST_TEST(running.active());
    }
    answer.accept(std::make_unique<int>(3));
    BOOST_TEST(executor().idle());
}

BOOST_AUTO_TEST_CASE(a_oneshot_may_go_before_its_waiter)
{
    auto answer = std::make_unique<Answer>();
    int taken = 0;
    const Running running{take(*answer, taken)};
    answer.reset();
    run();
    BOOST_TEST(running.active());
    BOOST_TEST(taken == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
