// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace sarang {

BOOST_AUTO_TEST_SUITE(id)

BOOST_AUTO_TEST_CASE(an_id_is_fit_for_a_url)
{
    constexpr auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < 1000; ++i) {
        const std::string id = random_id();
        BOOST_TEST(id.size() == 22);
        BOOST_TEST(id.find_first_not_of(allowed) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(no_two_ids_are_the_same)
{
    std::set<std::string> ids;
    for (int i = 0; i < 10'000; ++i) {
        ids.insert(random_id());
    }
    BOOST_TEST(ids.size() == 10'000);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
