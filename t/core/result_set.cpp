// SPDX-License-Identifier: Apache-2.0
#include "core/result_set.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

Result<ResultSetRequest> read(const std::string& inside)
{
    return ResultSetRequest::read(
        Element::read(
            "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>" + inside +
            "</set></query>")
            .value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(result_set)

BOOST_AUTO_TEST_CASE(what_is_not_said_is_open)
{
    const Element bare{"urn:xmpp:mam:2", "query"};
    BOOST_TEST((ResultSetRequest::read(bare).value() == ResultSetRequest{}));
    BOOST_TEST((read("").value() == ResultSetRequest{}));
}

BOOST_AUTO_TEST_CASE(a_page_is_asked_for_by_its_size_and_its_neighbour)
{
    const auto next = read("<max>10</max><after>peter@pixyland.org</after>").value();
    BOOST_TEST((next == ResultSetRequest{10, "peter@pixyland.org", {}, {}}));
    const auto last = read("<max>0</max><before/>").value();
    BOOST_TEST((last == ResultSetRequest{0, {}, "", {}}));
    const auto somewhere = read("<index>371</index><before>id</before>").value();
    BOOST_TEST((somewhere == ResultSetRequest{{}, {}, "id", 371}));
}

BOOST_AUTO_TEST_CASE(what_must_be_a_number_and_is_none_is_refused)
{
    for (const char* const text : {"", "ten", "-1", "1 ", "0x10", "99999999999999999999999"}) {
        const std::string number{text};
        BOOST_TEST(!read("<max>" + number + "</max>"), text);
        BOOST_TEST(!read("<index>" + number + "</index>"), text);
    }
}

BOOST_AUTO_TEST_CASE(an_answer_tells_of_what_there_is)
{
    BOOST_TEST(
        ResultSetAnswer{}.element().str() == "<set xmlns='http://jabber.org/protocol/rsm'/>");
    const ResultSetAnswer page{"a", "b", 0, 800};
    BOOST_TEST(
        page.element().str() == "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a"
                                "</first><last>b</last><count>800</count></set>");
    const ResultSetAnswer unknown{"a", "b", {}, {}};
    BOOST_TEST(
        unknown.element().str() == "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first>"
                                   "<last>b</last></set>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
