// SPDX-License-Identifier: Apache-2.0
#include "core/settlements.h"

#include <boost/test/unit_test.hpp>

#include <vector>

#include "../fake/loop.h"

namespace sarang {
namespace {

Task<void> note(Settlements& settlements, AppendTicket ticket, std::vector<AppendOutcome>& outcomes)
{
    Task<AppendOutcome> asking = settlements.outcome(ticket);
    const AppendOutcome outcome = co_await asking;
    outcomes.push_back(outcome);
}

} // namespace

BOOST_AUTO_TEST_SUITE(settlements)

BOOST_AUTO_TEST_CASE(a_ticket_comes_out_as_the_first_settlement_that_reaches_it)
{
    Loop loop;
    Settlements settlements;
    std::vector<AppendOutcome> outcomes;
    Running waiting{note(settlements, AppendTicket{5}, outcomes)};
    settlements.settle({AppendTicket{4}, AppendOutcome::durable});
    loop.run();
    BOOST_TEST(outcomes.empty());
    settlements.settle({AppendTicket{7}, AppendOutcome::failed});
    settlements.settle({AppendTicket{9}, AppendOutcome::durable});
    loop.run();
    BOOST_TEST((outcomes == std::vector{AppendOutcome::failed}));
    BOOST_TEST(settlements.empty());
}

BOOST_AUTO_TEST_CASE(without_a_ticket_there_is_nothing_to_wait_for)
{
    Loop loop;
    Settlements settlements;
    std::vector<AppendOutcome> outcomes;
    Running waiting{note(settlements, AppendTicket::none, outcomes)};
    BOOST_TEST((outcomes == std::vector{AppendOutcome::durable}));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_dropped_waits_no_more)
{
    Loop loop;
    Settlements settlements;
    std::vector<AppendOutcome> outcomes;
    {
        Running waiting{note(settlements, AppendTicket{1}, outcomes)};
        BOOST_TEST(!settlements.empty());
    }
    BOOST_TEST(settlements.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
