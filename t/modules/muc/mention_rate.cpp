// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/mention_rate.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

const Jid hag = Jid::parse("hag66@shakespeare.lit").value();
const Jid crone = Jid::parse("crone1@shakespeare.lit").value();

} // namespace

BOOST_AUTO_TEST_SUITE(muc_mention_rate)

BOOST_AUTO_TEST_CASE(an_account_has_so_many_in_a_minute_and_others_have_theirs)
{
    MentionRate rate;
    const Clock::Time start{1h};
    BOOST_TEST(rate.take(hag, start, 2));
    BOOST_TEST(rate.take(hag, start + 30s, 2));
    BOOST_TEST(!rate.take(hag, start + 59s, 2));
    BOOST_TEST(rate.take(crone, start + 59s, 2));
    BOOST_TEST(rate.take(hag, start + 60s, 2));
    BOOST_TEST(!rate.take(hag, start + 61s, 2));
    BOOST_TEST(rate.take(hag, start + 90s, 2));
}

BOOST_AUTO_TEST_CASE(what_was_refused_does_not_count)
{
    MentionRate rate;
    const Clock::Time start{1h};
    BOOST_TEST(rate.take(hag, start, 1));
    for (int i = 0; i < 59; ++i) {
        BOOST_TEST(!rate.take(hag, start + std::chrono::seconds{i}, 1));
    }
    BOOST_TEST(rate.take(hag, start + 60s, 1));
}

BOOST_AUTO_TEST_CASE(there_may_be_none)
{
    BOOST_TEST(!MentionRate{}.take(hag, Clock::Time{1h}, 0));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
