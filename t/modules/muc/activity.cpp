// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/activity.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

// At no full hour.
constexpr Clock::Wall begin{std::chrono::hours{480'000} + 20min};

Activity new_room()
{
    Activity activity;
    activity.begin(begin);
    return activity;
}

Activity busy_room()
{
    Activity activity = new_room();
    for (int hour = 0; hour < 30; ++hour) {
        for (int message = 0; message < 6; ++message) {
            activity.note(begin + std::chrono::hours{hour} + std::chrono::minutes{message});
        }
    }
    return activity;
}

double rate(const Activity& activity, Clock::Wall now)
{
    return activity.rate(now).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_activity)

BOOST_AUTO_TEST_CASE(what_a_new_room_has_heard_counts_as_if_it_had_been_there_for_an_hour)
{
    Activity activity = new_room();
    BOOST_TEST(rate(activity, begin) == 0.0);
    activity.note(begin);
    activity.note(begin + 1min);
    BOOST_TEST(rate(activity, begin + 2min) == 2.0);
    BOOST_TEST(rate(activity, begin + 2h) == 1.0);
}

BOOST_AUTO_TEST_CASE(the_rate_is_that_of_the_last_day)
{
    const Activity activity = busy_room();
    BOOST_TEST(rate(activity, begin + 29h + 30min) == 6.0, boost::test_tools::tolerance(0.05));
    BOOST_TEST(rate(activity, begin + 41h) == 3.0, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(messages_of_more_than_a_day_ago_are_forgotten)
{
    Activity activity = busy_room();
    BOOST_TEST(rate(activity, begin + 60h) == 0.0);
    activity.note(begin + 60h);
    BOOST_TEST(rate(activity, begin + 60h) * 24.0 == 1.0, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(of_a_room_whose_past_is_unknown_nothing_is_told_for_an_hour)
{
    Activity activity;
    BOOST_TEST(!activity.rate(begin).has_value());
    activity.begin_unknown(begin);
    activity.note(begin + 1min);
    BOOST_TEST(!activity.rate(begin + 59min).has_value());
    BOOST_TEST(rate(activity, begin + 60min) == 1.0);
}

BOOST_AUTO_TEST_CASE(the_first_message_of_an_hour_is_known)
{
    Activity activity = new_room();
    BOOST_TEST(!activity.note(begin));
    BOOST_TEST(!activity.note(begin + 39min));
    BOOST_TEST(activity.note(begin + 40min));
    BOOST_TEST(!activity.note(begin + 41min));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_put_back_loses_nothing)
{
    Activity activity = new_room();
    activity.note(begin);
    BOOST_TEST(!activity.note(begin - 5h));
    BOOST_TEST(rate(activity, begin - 5h) == 2.0);
    BOOST_TEST(rate(activity, begin) == 2.0);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_put_far_ahead_begins_anew)
{
    Activity activity = new_room();
    activity.note(begin);
    BOOST_TEST(activity.note(begin + 24h * 4000));
    BOOST_TEST(
        rate(activity, begin + 24h * 4000) * 24.0 == 1.0, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(what_was_counted_outlives_the_room_in_memory)
{
    const Activity activity = busy_room();
    BytesWriter out;
    activity.write(out);
    const std::string bytes = out.take();
    BytesReader in{bytes};
    Activity other;
    BOOST_TEST(other.read(in));
    BOOST_TEST(in.complete());
    for (int hour = 29; hour < 60; ++hour) {
        const Clock::Wall now = begin + std::chrono::hours{hour};
        BOOST_TEST(rate(other, now) == rate(activity, now));
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_cut_off_are_no_counts)
{
    BytesWriter out;
    busy_room().write(out);
    const std::string bytes = out.take();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BytesReader in{std::string_view{bytes}.substr(0, size)};
        Activity other;
        BOOST_TEST(!other.read(in), size);
    }
}

BOOST_AUTO_TEST_CASE(a_rate_is_shown_with_a_point)
{
    BOOST_TEST(rate_text(23.42) == "23.42");
    BOOST_TEST(rate_text(0.0) == "0.00");
    BOOST_TEST(rate_text(1234567.0) == "1234567.00");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
