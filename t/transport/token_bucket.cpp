// SPDX-License-Identifier: Apache-2.0
#include "transport/token_bucket.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace sarang {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(token_bucket)

BOOST_AUTO_TEST_CASE(a_burst_passes_and_what_exceeds_it_waits_as_long_as_the_rate_says)
{
    TokenBucket bucket;
    const TokenBucket::Rate rate{10, 20};
    bucket.take(20, rate, 0s);
    BOOST_TEST((bucket.wait(rate) == 0ns));
    bucket.take(5, rate, 0s);
    BOOST_TEST((bucket.wait(rate) == 500ms));
    bucket.take(0, rate, 500ms);
    BOOST_TEST((bucket.wait(rate) == 0ns));
}

BOOST_AUTO_TEST_CASE(a_rate_of_zero_is_no_limit)
{
    TokenBucket bucket;
    const TokenBucket::Rate rate{0, 1};
    bucket.take(1e9, rate, 0s);
    BOOST_TEST((bucket.wait(rate) == 0ns));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
