// SPDX-License-Identifier: Apache-2.0
#include "core/date_time.h"

#include <boost/test/unit_test.hpp>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr Clock::Wall moment =
    std::chrono::sys_days{std::chrono::year{2010} / 7 / 10} + 23h + 8min + 25s;

} // namespace

BOOST_AUTO_TEST_SUITE(date_times)

BOOST_AUTO_TEST_CASE(a_moment_is_written_in_utc_with_milliseconds_where_there_are_any)
{
    BOOST_TEST(date_time(moment) == "2010-07-10T23:08:25Z");
    BOOST_TEST(date_time(moment + 7ms) == "2010-07-10T23:08:25.007Z");
}

BOOST_AUTO_TEST_CASE(what_xep_0082_allows_is_read)
{
    BOOST_TEST((parse_date_time("2010-07-10T23:08:25Z") == moment));
    BOOST_TEST((parse_date_time("2010-07-10T23:08:25.5Z") == moment + 500ms));
    BOOST_TEST((parse_date_time("2010-07-10T23:08:25.1234567Z") == moment + 123ms));
    BOOST_TEST((parse_date_time("2010-07-11T01:08:25+02:00") == moment));
    BOOST_TEST((parse_date_time("2010-07-10T17:38:25-05:30") == moment));
    BOOST_TEST((parse_date_time("2024-02-29T00:00:00Z").has_value()));
}

BOOST_AUTO_TEST_CASE(what_is_no_moment_is_not_read)
{
    for (const char* const text :
         {"",
          "2010",
          "2010-07-10",
          "2010-07-10T23:08Z",
          "2010-07-10T23:08:25",
          "2010-07-10 23:08:25Z",
          "2010-13-10T23:08:25Z",
          "2010-02-30T23:08:25Z",
          "2023-02-29T00:00:00Z",
          "2010-07-10T24:08:25Z",
          "2010-07-10T23:60:25Z",
          "2010-07-10T23:08:60Z",
          "2010-07-10T23:08:25.Z",
          "2010-07-10T23:08:25+2:00",
          "2010-07-10T23:08:25+24:00",
          "2010-07-10T23:08:25Zz",
          "+010-07-10T23:08:25Z",
          "20100710T23:08:25"}) {
        BOOST_TEST((parse_date_time(text) == std::nullopt), text);
    }
}

BOOST_AUTO_TEST_CASE(moments_of_all_years_of_four_digits_come_back_as_they_were)
{
    for (const char* const text :
         {"0000-01-01T00:00:00Z",
          "2262-04-12T00:00:00Z",
          "4020-06-07T00:00:00.007Z",
          "9999-12-31T23:59:59.999Z"}) {
        const auto time = parse_date_time(text);
        BOOST_REQUIRE_MESSAGE(time.has_value(), text);
        BOOST_TEST(date_time(*time) == text);
    }
}

BOOST_AUTO_TEST_CASE(an_offset_that_leads_beyond_those_years_is_no_moment)
{
    BOOST_TEST(!parse_date_time("9999-12-31T23:59:59-23:59").has_value());
    BOOST_TEST(!parse_date_time("0000-01-01T00:00:00+00:01").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
