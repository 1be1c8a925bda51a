// SPDX-License-Identifier: Apache-2.0
#include "modules/sm/words.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(sm_words)

BOOST_AUTO_TEST_CASE(a_number_is_plain_digits_below_two_to_the_32nd)
{
    BOOST_TEST(unsigned_int("0").value() == 0U);
    BOOST_TEST(unsigned_int("4294967295").value() == 4294967295U);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "0x1", "4294967296", "1e3"}) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(!unsigned_int(text).has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_boolean_has_two_spellings)
{
    BOOST_TEST(is_true("true"));
    BOOST_TEST(is_true("1"));
    for (const char* text : {"", "false", "0", "TRUE", "yes"}) {
        BOOST_TEST(!is_true(text));
    }
}

BOOST_AUTO_TEST_CASE(answers_are_as_in_the_examples)
{
    BOOST_TEST(counted("a", 1).str() == "<a xmlns='urn:xmpp:sm:3' h='1'/>");
    BOOST_TEST(
        failed(Condition::unexpected_request).str() ==
        "<failed xmlns='urn:xmpp:sm:3'>"
        "<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    const StreamError error = too_high(10, 8);
    BOOST_TEST((error.condition == StreamCondition::undefined_condition));
    BOOST_TEST(
        error.application ==
        "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
