// SPDX-License-Identifier: Apache-2.0
#include "core/receipts.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace sarang {
namespace {

const SessionId romeo{0, 1, 1, 7};
const SessionId juliet{0, 0, 1, 7};

struct Fixture {
    void ask(const SessionId& sender, int number)
    {
        receipts.when_settled(sender, [this, number] { answers.push_back(number); });
    }

    Receipts receipts;
    std::vector<int> answers;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(receipts, Fixture)

BOOST_AUTO_TEST_CASE(what_was_not_sent_is_settled)
{
    BOOST_TEST(receipts.settled(romeo));
    ask(romeo, 1);
    BOOST_TEST(answers == std::vector{1});
}

BOOST_AUTO_TEST_CASE(an_answer_waits_for_every_stanza_that_came_before_the_question)
{
    std::optional<Receipts::Hold> first = receipts.hold(romeo);
    std::optional<Receipts::Hold> second = receipts.hold(romeo);
    ask(romeo, 1);
    BOOST_TEST(!receipts.settled(romeo));
    second.reset();
    BOOST_TEST(answers.empty());
    first.reset();
    BOOST_TEST(answers == std::vector{1});
    BOOST_TEST(receipts.settled(romeo));
}

BOOST_AUTO_TEST_CASE(what_is_sent_after_the_question_does_not_put_its_answer_off)
{
    std::optional<Receipts::Hold> before = receipts.hold(romeo);
    ask(romeo, 1);
    std::optional<Receipts::Hold> after = receipts.hold(romeo);
    ask(romeo, 2);
    before.reset();
    BOOST_TEST(answers == std::vector{1});
    after.reset();
    BOOST_TEST(answers == (std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_later_stanza_that_is_settled_first_does_not_answer_an_earlier_question)
{
    std::optional<Receipts::Hold> before = receipts.hold(romeo);
    ask(romeo, 1);
    std::optional<Receipts::Hold> after = receipts.hold(romeo);
    ask(romeo, 2);
    after.reset();
    BOOST_TEST(answers.empty());
    before.reset();
    BOOST_TEST(answers == (std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(two_questions_on_the_same_stanzas_get_two_answers)
{
    std::optional<Receipts::Hold> hold = receipts.hold(romeo);
    ask(romeo, 1);
    ask(romeo, 2);
    hold.reset();
    BOOST_TEST(answers == (std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(one_session_does_not_wait_for_another)
{
    const Receipts::Hold hold = receipts.hold(romeo);
    ask(juliet, 1);
    BOOST_TEST(answers == std::vector{1});
    BOOST_TEST(!receipts.settled(romeo));
}

BOOST_AUTO_TEST_CASE(a_stanza_that_no_session_sent_has_no_receipt)
{
    const Receipts::Hold hold = receipts.hold(SessionId{});
    BOOST_TEST(!hold);
    BOOST_TEST(receipts.settled(SessionId{}));
}

BOOST_AUTO_TEST_CASE(a_hold_that_moved_settles_once)
{
    Receipts::Hold hold = receipts.hold(romeo);
    Receipts::Hold moved = std::move(hold);
    hold = receipts.hold(juliet);
    moved = std::move(hold);
    BOOST_TEST(static_cast<bool>(moved));
    {
        const Receipts::Hold last = std::move(moved);
        BOOST_TEST(!receipts.settled(juliet));
    }
    BOOST_TEST(receipts.settled(juliet));
}

BOOST_AUTO_TEST_CASE(an_answer_may_ask_again)
{
    std::optional<Receipts::Hold> hold = receipts.hold(romeo);
    receipts.when_settled(romeo, [this] { ask(romeo, 1); });
    hold.reset();
    BOOST_TEST(answers == std::vector{1});
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
