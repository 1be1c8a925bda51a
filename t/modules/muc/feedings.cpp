// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/feedings.h"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace sarang::muc {
namespace {

Jid jid(std::string_view text)
{
    return Jid::parse(text).value();
}

const Jid hag = jid("hag66@shakespeare.lit/pda");
const Jid crone = jid("crone1@shakespeare.lit/desktop");

} // namespace

BOOST_AUTO_TEST_SUITE(muc_feedings)

BOOST_AUTO_TEST_CASE(each_session_has_its_own_as_long_as_it_lasts)
{
    Feedings feedings;
    BOOST_TEST(feedings.empty());
    BOOST_TEST(feedings.find(hag) == nullptr);
    const std::uint64_t first = feedings.begin(hag).number;
    BOOST_TEST(feedings.begin(crone).number != first);
    BOOST_TEST(feedings.find(hag)->number == first);
    feedings.end(hag);
    BOOST_TEST(feedings.find(hag) == nullptr);
    BOOST_TEST(!feedings.empty());
    feedings.end(crone);
    BOOST_TEST(feedings.empty());
    feedings.end(crone);
    // One that comes after another is another.
    BOOST_TEST(feedings.begin(hag).number != first);
    feedings.clear();
    BOOST_TEST(feedings.empty());
    BOOST_TEST(feedings.begin(hag).number != first);
}

BOOST_AUTO_TEST_CASE(what_happens_to_those_who_are_not_shown_yet_is_left_out)
{
    Feedings feedings;
    BOOST_TEST(!feedings.leaves_out(hag, 5, false));
    feedings.begin(hag).next = 5;
    BOOST_TEST(!feedings.leaves_out(hag, 4, false));
    BOOST_TEST(feedings.leaves_out(hag, 5, false));
    BOOST_TEST(feedings.leaves_out(hag, 6, false));
    BOOST_TEST(!feedings.leaves_out(crone, 6, false));
}

BOOST_AUTO_TEST_CASE(who_was_told_of_somebody_apart_is_told_all_that_follows)
{
    Feedings feedings;
    feedings.begin(hag).next = 5;
    BOOST_TEST(!feedings.leaves_out(hag, 6, true));
    BOOST_TEST(!feedings.leaves_out(hag, 6, false));
    BOOST_TEST(feedings.leaves_out(hag, 7, false));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
