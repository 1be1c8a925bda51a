// SPDX-License-Identifier: Apache-2.0
#include "core/metrics.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(metrics)

MetricName stanzas(const char* kind)
{
    return {"stanzas_total", "Stanzas.", {{"kind", kind}}};
}

BOOST_AUTO_TEST_CASE(the_samples_of_all_shards_are_added_by_name_and_labels)
{
    std::vector<Samples> shards;
    for (const std::uint64_t weight : {1U, 10U}) {
        Metrics all;
        Counter messages;
        Counter iqs;
        Gauge sessions;
        Histogram times;
        messages.add(weight);
        iqs.add(2 * weight);
        sessions.set(-3);
        times.add(5);
        const Registration registrations[] = {
            all.add(stanzas("message"), messages),
            all.add(stanzas("iq"), iqs),
            all.add({"sessions", "Sessions."}, sessions),
            all.add({"times", "Times."}, times),
            all.add({"reckoned", "Reckoned."}, [] { return std::int64_t{4}; }),
        };
        shards.push_back(all.read());
    }
    const Samples samples = sum(std::move(shards));
    BOOST_REQUIRE(samples.size() == 5);
    BOOST_TEST(samples[0].metric.name == "reckoned");
    BOOST_TEST(std::get<std::int64_t>(samples[0].value) == 8);
    BOOST_TEST(std::get<std::int64_t>(samples[1].value) == -6);
    BOOST_TEST(samples[2].metric.labels.front().second == "iq");
    BOOST_TEST(std::get<std::uint64_t>(samples[2].value) == 22);
    BOOST_TEST(std::get<std::uint64_t>(samples[3].value) == 11);
    BOOST_TEST(std::get<HistogramTotals>(samples[4].value).count() == 2);
    BOOST_TEST(total(samples, "stanzas_total") == 33);
    BOOST_TEST(total(samples, "times") == 2);
    BOOST_TEST(total(samples, "none") == 0);
}

BOOST_AUTO_TEST_CASE(a_metric_goes_with_its_registration)
{
    Metrics all;
    Counter counter;
    {
        const Registration registration = all.add({"a", "A."}, counter);
        BOOST_TEST(all.read().size() == 1);
    }
    BOOST_TEST(all.read().empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
