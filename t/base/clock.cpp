// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

#include "../fake/clock.h"

namespace sarang {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(clock)

BOOST_AUTO_TEST_CASE(the_system_clock_tells_both_times)
{
    const SystemClock clock;
    const auto before = clock.now();
    BOOST_TEST((clock.wall() > std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}));
    BOOST_TEST((clock.now() >= before));
}

BOOST_AUTO_TEST_CASE(the_manual_clock_goes_only_when_it_is_turned)
{
    ManualClock clock;
    const auto now = clock.now();
    const auto wall = clock.wall();
    BOOST_TEST((clock.now() == now));
    clock.advance(1500us);
    BOOST_TEST((clock.now() - now == 1500us));
    BOOST_TEST((clock.wall() - wall == 1ms));
    clock.advance(500us);
    BOOST_TEST((clock.wall() - wall == 2ms));
    clock.set_wall(wall);
    BOOST_TEST((clock.wall() == wall));
    BOOST_TEST((clock.now() - now == 2ms));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
