// SPDX-License-Identifier: Apache-2.0
#include "core/turn.h"

#include "base/task.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

#include "../fake/loop.h"

namespace sarang {
namespace {

struct Stage : Loop {
    Jid romeo = Jid::parse("romeo@localhost").value();
    Jid juliet = Jid::parse("juliet@localhost").value();
    Turns turns;
    std::string story;

    /// Has its turn, and keeps it until `end` is accepted.
    Task<void> play(Jid account, char name, Oneshot<bool>& end)
    {
        Turn turn{turns, account};
        co_await turn;
        story += name;
        co_await end;
        story += static_cast<char>(name - 'a' + 'A');
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(turn, Stage)

BOOST_AUTO_TEST_CASE(those_of_one_account_come_one_after_the_other)
{
    Oneshot<bool> ends[3];
    const Running first{play(romeo, 'a', ends[0])};
    const Running second{play(romeo, 'b', ends[1])};
    const Running third{play(romeo, 'c', ends[2])};
    ends[2].accept(true);
    run();
    BOOST_TEST(story == "a");
    ends[0].accept(true);
    run();
    BOOST_TEST(story == "aAb");
    ends[1].accept(true);
    run();
    BOOST_TEST(story == "aAbBcC");
    BOOST_TEST(turns.empty());
}

BOOST_AUTO_TEST_CASE(accounts_do_not_wait_for_each_other)
{
    Oneshot<bool> ends[2];
    const Running one{play(romeo, 'a', ends[0])};
    const Running other{play(juliet, 'b', ends[1])};
    BOOST_TEST(story == "ab");
}

BOOST_AUTO_TEST_CASE(one_who_goes_while_waiting_is_passed_over)
{
    Oneshot<bool> ends[3];
    const Running first{play(romeo, 'a', ends[0])};
    std::optional<Running> second{play(romeo, 'b', ends[1])};
    const Running third{play(romeo, 'c', ends[2])};
    second.reset();
    ends[0].accept(true);
    run();
    BOOST_TEST(story == "aAc");
}

BOOST_AUTO_TEST_CASE(one_who_goes_when_called_hands_the_turn_on)
{
    Oneshot<bool> ends[3];
    std::optional<Running> first{play(romeo, 'a', ends[0])};
    std::optional<Running> second{play(romeo, 'b', ends[1])};
    const Running third{play(romeo, 'c', ends[2])};
    first.reset();
    second.reset();
    run();
    BOOST_TEST(story == "ac");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
