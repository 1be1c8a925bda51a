// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/slow_mode.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace sarang;
using namespace sarang::muc;
using namespace std::chrono_literals;

namespace {

const Jid hag66 = Jid::parse("hag66@shakespeare.lit").value();
const Jid hecate = Jid::parse("hecate@shakespeare.lit").value();
constexpr Clock::Time begin{};

} // namespace

BOOST_AUTO_TEST_SUITE(slow_mode)

BOOST_AUTO_TEST_CASE(who_has_spoken_waits_until_the_time_has_passed)
{
    SlowMode spoken;
    BOOST_TEST((spoken.left(hag66, begin, 20s) == 0ms));
    spoken.note(hag66, begin, 20s);
    BOOST_TEST((spoken.left(hag66, begin, 20s) == 20s));
    BOOST_TEST((spoken.left(hag66, begin + 19'999ms, 20s) == 1ms));
    BOOST_TEST((spoken.left(hag66, begin + 20s, 20s) == 0ms));
    BOOST_TEST((spoken.left(hecate, begin, 20s) == 0ms));
}

BOOST_AUTO_TEST_CASE(the_time_that_is_set_now_is_what_counts)
{
    SlowMode spoken;
    spoken.note(hag66, begin, 20s);
    BOOST_TEST((spoken.left(hag66, begin + 10s, 60s) == 50s));
    BOOST_TEST((spoken.left(hag66, begin + 10s, 5s) == 0ms));
}

BOOST_AUTO_TEST_CASE(who_has_waited_is_forgotten)
{
    SlowMode spoken;
    spoken.note(hag66, begin, 20s);
    spoken.note(hecate, begin + 10s, 20s);
    BOOST_TEST(spoken.size() == 2U);
    spoken.note(hecate, begin + 30s, 20s);
    BOOST_TEST(spoken.size() == 1U);
    BOOST_TEST((spoken.left(hecate, begin + 30s, 20s) == 20s));
}

BOOST_AUTO_TEST_CASE(who_spoke_twice_is_remembered_by_the_last_time)
{
    SlowMode spoken;
    spoken.note(hag66, begin, 20s);
    spoken.note(hag66, begin + 5s, 5s);
    spoken.note(hecate, begin + 6s, 5s);
    BOOST_TEST((spoken.left(hag66, begin + 6s, 5s) == 4s));
}

BOOST_AUTO_TEST_CASE(only_so_many_are_remembered)
{
    SlowMode spoken;
    for (std::size_t i = 0; i <= SlowMode::most_remembered; ++i) {
        const std::string who = std::to_string(i) + "@shakespeare.lit";
        spoken.note(Jid::parse(who).value(), begin, 20s);
    }
    BOOST_TEST(spoken.size() == SlowMode::most_remembered);
    BOOST_TEST((spoken.left(Jid::parse("0@shakespeare.lit").value(), begin, 20s) == 0ms));
    BOOST_TEST((spoken.left(Jid::parse("1@shakespeare.lit").value(), begin, 20s) == 20s));
}

BOOST_AUTO_TEST_SUITE_END()
