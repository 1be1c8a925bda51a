// SPDX-License-Identifier: Apache-2.0
#include "base/scope.h"

#include <boost/test/unit_test.hpp>

namespace sarang {
namespace {

void release(int* handle)
{
    ++*handle;
}

} // namespace

BOOST_AUTO_TEST_SUITE(scope)

BOOST_AUTO_TEST_CASE(an_owned_handle_is_released_once)
{
    int releases = 0;
    {
        Owned<int, release> owner{&releases};
        const auto next = std::move(owner);
        BOOST_TEST(releases == 0);
    }
    BOOST_TEST(releases == 1);
    {
        const Owned<int, release> nobody;
    }
    BOOST_TEST(releases == 1);
}

BOOST_AUTO_TEST_CASE(a_deed_is_done_at_the_end_unless_it_was_dismissed)
{
    int deeds = 0;
    {
        const OnExit deed{[&deeds] { ++deeds; }};
        BOOST_TEST(deeds == 0);
    }
    BOOST_TEST(deeds == 1);
    {
        OnExit deed{[&deeds] { ++deeds; }};
        deed.dismiss();
    }
    BOOST_TEST(deeds == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
