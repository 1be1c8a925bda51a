// SPDX-License-Identifier: Apache-2.0
#include "xml/casefold.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(xml_casefold)

BOOST_AUTO_TEST_CASE(case_and_width_are_the_same)
{
    BOOST_TEST(casefold("A Dark CAVE 99%") == "a dark cave 99%");
    BOOST_TEST(casefold("Große ÄRZTE") == "grosse ärzte");
    BOOST_TEST(casefold("ＸＭＰＰ 정원") == "xmpp 정원");
    BOOST_TEST(casefold("").empty());
}

BOOST_AUTO_TEST_CASE(forms_of_a_character_are_the_same)
{
    BOOST_TEST(casefold("cafe\u0301") == casefold("CAFÉ"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
