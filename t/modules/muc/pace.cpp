// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/pace.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

const Jid hag = Jid::parse("hag66@shakespeare.lit").value();
const Jid crone = Jid::parse("crone1@shakespeare.lit").value();
constexpr Pace::Rate rate{2, 3};
constexpr Clock::Time start{1h};

/// How many of `count` at once pass.
int passing(Pace& pace, const Jid& who, Clock::Time now, int count)
{
    int passed = 0;
    for (int i = 0; i < count; ++i) {
        passed += pace.take(who, now, rate) == 0ms ? 1 : 0;
    }
    return passed;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_pace)

BOOST_AUTO_TEST_CASE(a_burst_passes_and_then_so_many_a_second)
{
    Pace pace;
    BOOST_TEST(passing(pace, hag, start, 10) == 3);
    BOOST_TEST(passing(pace, hag, start + 499ms, 10) == 0);
    BOOST_TEST(passing(pace, hag, start + 500ms, 10) == 1);
    BOOST_TEST(passing(pace, hag, start + 1500ms, 10) == 2);
    BOOST_TEST(passing(pace, hag, start + 1h, 10) == 3);
}

BOOST_AUTO_TEST_CASE(who_is_too_fast_is_told_how_long_to_wait)
{
    Pace pace;
    passing(pace, hag, start, 3);
    BOOST_TEST(pace.take(hag, start + 100ms, rate).count() == 400);
    BOOST_TEST(pace.take(hag, start + 100ms, rate).count() == 400);
    BOOST_TEST(pace.take(hag, start + 500ms, rate).count() == 0);
}

BOOST_AUTO_TEST_CASE(each_account_has_a_pace_of_its_own)
{
    Pace pace;
    passing(pace, hag, start, 3);
    BOOST_TEST(passing(pace, crone, start, 10) == 3);
}

BOOST_AUTO_TEST_CASE(without_a_rate_all_passes_and_nothing_is_kept)
{
    Pace pace;
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(pace.take(hag, start, {0, 1}).count() == 0);
    }
    BOOST_TEST(pace.size() == 0U);
}

BOOST_AUTO_TEST_CASE(who_has_rested_is_forgotten)
{
    Pace pace;
    passing(pace, hag, start, 1);
    passing(pace, crone, start + 1s, 1);
    BOOST_TEST(pace.size() == 1U);
}

BOOST_AUTO_TEST_CASE(it_is_bounded_and_forgets_who_did_nothing_for_longest)
{
    Pace pace;
    passing(pace, hag, start, 3);
    passing(pace, crone, start, 2);
    for (std::size_t i = 2; i < Pace::most_remembered + 1; ++i) {
        const auto guest = Jid::parse("guest" + std::to_string(i) + "@shakespeare.lit").value();
        BOOST_TEST_REQUIRE(passing(pace, guest, start, 1) == 1);
        BOOST_TEST_REQUIRE(pace.size() <= Pace::most_remembered);
    }
    BOOST_TEST(passing(pace, crone, start, 10) == 1);
    BOOST_TEST(passing(pace, hag, start, 10) == 3); // with all the places of others
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
