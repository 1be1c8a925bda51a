// SPDX-License-Identifier: Apache-2.0
#include "core/searched_text.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(searched)

BOOST_AUTO_TEST_CASE(a_message_is_found_by_its_bodies_and_by_nothing_else)
{
    BOOST_TEST(
        searched_text("<message xmlns='jabber:client' id='rose'><subject>thorn</subject>"
                      "<body>a &lt;rose&gt;</body><body xml:lang='ko'>장미</body>"
                      "<body xmlns='urn:other'>foreign</body></message>") == "a <rose>\n장미\n");
}

BOOST_AUTO_TEST_CASE(what_has_no_body_or_is_no_xml_is_not_found)
{
    BOOST_TEST(searched_text("<message xmlns='jabber:client'/>").empty());
    BOOST_TEST(searched_text("<message").empty());
    BOOST_TEST(searched_text("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
