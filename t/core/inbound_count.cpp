// SPDX-License-Identifier: Apache-2.0
#include "core/inbound_count.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(inbound_count)

BOOST_AUTO_TEST_CASE(what_is_in_the_lane_has_not_passed)
{
    InboundCount count;
    BOOST_TEST(count.passed(0) == 0U);
    count.submit();
    count.submit();
    BOOST_TEST(count.passed(2) == 0U);
    BOOST_TEST(count.passed(1) == 1U);
    BOOST_TEST(count.passed(0) == 2U);
    BOOST_TEST(count.received() == 2U);
}

BOOST_AUTO_TEST_CASE(what_was_in_the_lane_before_is_in_front)
{
    InboundCount count;
    BOOST_TEST(count.passed(3) == 0U);
    count.submit();
    BOOST_TEST(count.passed(4) == 0U);
    BOOST_TEST(count.passed(1) == 0U);
    BOOST_TEST(count.passed(0) == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_refused_counts_at_its_place)
{
    InboundCount count;
    count.refuse(0);
    BOOST_TEST(count.passed(0) == 1U);
    count.submit(); // number 2
    count.submit(); // number 3
    count.refuse(2);
    count.refuse(2);
    count.submit(); // number 6
    count.refuse(3);
    BOOST_TEST(count.received() == 7U);
    BOOST_TEST(count.passed(3) == 1U);
    BOOST_TEST(count.passed(2) == 2U);
    BOOST_TEST(count.passed(1) == 5U);
    BOOST_TEST(count.passed(0) == 7U);
    BOOST_TEST(count.received() == 7U);
}

BOOST_AUTO_TEST_CASE(one_that_is_refused_behind_what_never_counted_is_at_once_in_the_prefix)
{
    InboundCount count;
    count.refuse(5);
    BOOST_TEST(count.passed(5) == 1U);
}

BOOST_AUTO_TEST_CASE(numbers_go_on_behind_the_largest_with_zero)
{
    InboundCount count{0xfffffffe};
    count.submit();
    BOOST_TEST(count.passed(0) == 0xffffffffU);
    count.submit();
    count.refuse(1);
    BOOST_TEST(count.passed(1) == 0xffffffffU);
    BOOST_TEST(count.passed(0) == 1U);
    BOOST_TEST(count.received() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
