// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>

namespace sarang {
namespace {

struct Case {
    const char* text;
    std::int64_t value;
};

BOOST_AUTO_TEST_SUITE(quantity)

BOOST_AUTO_TEST_CASE(durations_are_a_number_and_a_unit)
{
    const Case cases[] = {
        {"0s", 0},
        {"500ms", 500},
        {"30s", 30'000},
        {"5m", 300'000},
        {"2h", 7'200'000},
        {"10d", 864'000'000},
        {"106751991167d", 106'751'991'167 * 86'400'000},
        {"10y", 315'360'000'000},
        {"forever", std::numeric_limits<std::int64_t>::max()},
    };
    for (const Case& one : cases) {
        BOOST_TEST_CONTEXT(one.text)
        {
            BOOST_REQUIRE(parse_duration(one.text));
            BOOST_TEST(*parse_duration(one.text) == one.value);
        }
    }
    for (const char* text :
         {"",
          "s",
          "30",
          "-5s",
          "+5s",
          "5 s",
          "5S",
          "5min",
          "Forever",
          "1forever",
          "1h30m",
          "1.5h",
          " 5s",
          "0x5s",
          "106751991168d",
          "99999999999999999999s",
          "5s\n"}) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(!parse_duration(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(sizes_are_bytes_or_a_number_and_a_unit)
{
    const Case cases[] = {
        {"0", 0},
        {"10240", 10'240},
        {"512KiB", 524'288},
        {"10MiB", 10'485'760},
        {"1GiB", 1'073'741'824},
        {"2TiB", 2'199'023'255'552},
        {"9223372036854775807", INT64_MAX},
    };
    for (const Case& one : cases) {
        BOOST_TEST_CONTEXT(one.text)
        {
            BOOST_REQUIRE(parse_size(one.text));
            BOOST_TEST(*parse_size(one.text) == one.value);
        }
    }
    for (const char* text :
         {"",
          "KiB",
          "-1",
          "-0",
          "5KB",
          "5kib",
          "5 KiB",
          "5K",
          "1.5MiB",
          "9223372036854775808",
          "8388608TiB"}) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(!parse_size(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(both_are_told_in_the_largest_unit_that_leaves_no_rest)
{
    BOOST_TEST(duration_text(0) == "0s");
    BOOST_TEST(duration_text(1) == "1ms");
    BOOST_TEST(duration_text(90'000) == "90s");
    BOOST_TEST(duration_text(3'600'000) == "1h");
    BOOST_TEST(duration_text(36 * 3'600'000) == "36h");
    BOOST_TEST(duration_text(7 * 86'400'000) == "7d");
    BOOST_TEST(size_text(0) == "0");
    BOOST_TEST(size_text(1000) == "1000");
    BOOST_TEST(size_text(10'240) == "10KiB");
    BOOST_TEST(size_text(std::int64_t{1} << 40) == "1TiB");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
