// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(hash)

// What is stored relies on these.
BOOST_AUTO_TEST_CASE(the_hash_is_frozen)
{
    BOOST_TEST(frozen_hash("") == 0xefd01f60ba992926U);
    BOOST_TEST(frozen_hash("juliet@example.org") == 0x4f614b7b8e2844eaU);
    BOOST_TEST(frozen_hash("\xff") == 0x1bbd5c813c69a8d7U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
