// SPDX-License-Identifier: Apache-2.0
#include "base/counter.h"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <thread>

namespace sarang {

BOOST_AUTO_TEST_SUITE(counter)

BOOST_AUTO_TEST_CASE(a_counter_grows_and_a_gauge_goes_both_ways)
{
    Counter counter;
    counter.add();
    counter.add(41);
    BOOST_TEST(counter.value() == 42);

    Gauge gauge;
    gauge.add(3);
    gauge.subtract(5);
    BOOST_TEST(gauge.value() == -2);
    gauge.set(7);
    BOOST_TEST(gauge.value() == 7);
}

BOOST_AUTO_TEST_CASE(another_thread_may_read_while_one_writes)
{
    constexpr std::uint64_t last = 100'000;
    Counter counter;
    Histogram histogram;
    std::thread writer{[&counter, &histogram] {
        for (std::uint64_t i = 0; i < last; ++i) {
            histogram.add(i);
            counter.add();
        }
    }};
    std::uint64_t seen = 0;
    while (seen < last) {
        const std::uint64_t now = counter.value();
        BOOST_REQUIRE(now >= seen);
        BOOST_REQUIRE(histogram.totals().count() <= last);
        seen = now;
    }
    writer.join();
    BOOST_TEST(histogram.totals().count() == last);
    BOOST_TEST(histogram.totals().sum == last * (last - 1) / 2);
}

BOOST_AUTO_TEST_CASE(buckets_follow_each_other_without_a_gap)
{
    std::uint64_t first = 0;
    for (std::size_t bucket = 0; bucket < HistogramScale::size; ++bucket) {
        const std::uint64_t bound = HistogramScale::bound(bucket);
        BOOST_TEST(HistogramScale::bucket(first) == bucket);
        BOOST_TEST(HistogramScale::bucket(bound) == bucket);
        BOOST_TEST(4 * (bound - first) <= bound);
        first = bound + 1;
    }
    BOOST_TEST(first == HistogramScale::largest + 1);
    constexpr auto huge = std::numeric_limits<std::uint64_t>::max();
    BOOST_TEST(HistogramScale::bucket(huge) == HistogramScale::size - 1);
}

BOOST_AUTO_TEST_CASE(a_histogram_knows_its_quantiles)
{
    Histogram histogram;
    BOOST_TEST(histogram.totals().at(0.5) == 0);
    for (std::uint64_t value = 1; value <= 1000; ++value) {
        histogram.add(value);
    }
    const HistogramTotals totals = histogram.totals();
    BOOST_TEST(totals.count() == 1000);
    BOOST_TEST(totals.sum == 500'500);
    for (const double quantile : {0.01, 0.5, 0.9, 0.99, 1.0}) {
        const double right = quantile * 1000;
        const auto bound = static_cast<double>(totals.at(quantile));
        BOOST_TEST(bound >= right);
        BOOST_TEST(bound <= 1.25 * right);
    }
    BOOST_TEST(totals.at(0) == 1);
}

BOOST_AUTO_TEST_CASE(totals_of_several_shards_are_summed)
{
    Histogram first;
    Histogram second;
    first.add(2);
    second.add(2);
    second.add(1000);
    HistogramTotals totals = first.totals();
    totals += second.totals();
    BOOST_TEST(totals.count() == 3);
    BOOST_TEST(totals.sum == 1004);
    BOOST_TEST(totals.at(0.5) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
