// SPDX-License-Identifier: Apache-2.0
#include "modules/inbox/request.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

Result<InboxRequest> read(const std::string& attributes, const std::string& inside = {})
{
    const std::string text =
        "<inbox xmlns='urn:xmpp:inbox:1' " + attributes + ">" + inside + "</inbox>";
    return InboxRequest::read(Element::read(text).value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(inbox_request)

BOOST_AUTO_TEST_CASE(who_asks_for_nothing_gets_all_with_messages)
{
    const InboxRequest asked = read("").value();
    BOOST_TEST(!asked.unread_only);
    BOOST_TEST(asked.messages);
    BOOST_TEST((asked.page == ResultSetRequest{}));
}

BOOST_AUTO_TEST_CASE(both_forms_of_a_boolean_are_read)
{
    for (const std::string yes : {"true", "1"}) {
        BOOST_TEST(read("unread-only='" + yes + "'").value().unread_only);
        BOOST_TEST(read("messages='" + yes + "'").value().messages);
    }
    for (const std::string no : {"false", "0"}) {
        BOOST_TEST(!read("unread-only='" + no + "'").value().unread_only);
        BOOST_TEST(!read("messages='" + no + "'").value().messages);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_boolean_is_refused)
{
    for (const std::string name : {"unread-only", "messages"}) {
        for (const std::string value : {"", "yes", "TRUE", "2", " true"}) {
            const auto asked = read(name + "='" + value + "'");
            BOOST_TEST_REQUIRE(!asked.has_value(), name << "=" << value);
            BOOST_TEST((asked.error().condition == Condition::bad_request));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_page_is_asked_for)
{
    const std::string set = "<set xmlns='http://jabber.org/protocol/rsm'>";
    const InboxRequest asked = read("", set + "<max>7</max><after>x</after></set>").value();
    BOOST_TEST((asked.page.max == std::size_t{7}));
    BOOST_TEST((asked.page.after == "x"));
    const auto numbered = read("", set + "<index>7</index></set>");
    BOOST_TEST_REQUIRE(!numbered.has_value());
    BOOST_TEST((numbered.error().condition == Condition::feature_not_implemented));
    const auto wrong = read("", set + "<max>many</max></set>");
    BOOST_TEST_REQUIRE(!wrong.has_value());
    BOOST_TEST((wrong.error().condition == Condition::bad_request));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
