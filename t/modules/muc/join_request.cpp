// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/join_request.h"

#include "core/date_time.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang::muc {
namespace {

Result<JoinRequest> read(const std::string& inside)
{
    return JoinRequest::read(
        Element::read("<x xmlns='http://jabber.org/protocol/muc'>" + inside + "</x>").value());
}

HistoryRequest history(const std::string& attributes)
{
    return read("<history " + attributes + "/>").value().history;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_join_request)

BOOST_AUTO_TEST_CASE(who_asks_for_nothing_gets_what_the_room_shows)
{
    BOOST_TEST((read("").value() == JoinRequest{}));
    BOOST_TEST((read("<history/>").value() == JoinRequest{}));
    BOOST_TEST((read("<history xmlns='urn:other' maxchars='x'/>").value() == JoinRequest{}));
}

BOOST_AUTO_TEST_CASE(the_version_of_the_affiliations_that_is_known_is_read)
{
    const auto known = [](const std::string& mav) { return read(mav).value().known_version; };
    BOOST_TEST((known("<mav xmlns='urn:xmpp:muc:affiliations:1' since='9pac'/>") == "9pac"));
    BOOST_TEST((known("<mav xmlns='urn:xmpp:muc:affiliations:1'/>") == ""));
    BOOST_TEST(!known("<mav xmlns='urn:xmpp:muc:affiliations:0'/>").has_value());
}

BOOST_AUTO_TEST_CASE(a_password_is_read)
{
    BOOST_TEST(read("<password>cauldronburn</password>").value().password == "cauldronburn");
    BOOST_TEST(read("<password xmlns='urn:other'>x</password>").value().password.empty());
}

BOOST_AUTO_TEST_CASE(each_limit_is_read)
{
    BOOST_TEST((history("maxchars='65000'") == HistoryRequest{65'000, {}, {}, {}}));
    BOOST_TEST((history("maxchars='0'") == HistoryRequest{0, {}, {}, {}}));
    BOOST_TEST((history("maxstanzas='20'") == HistoryRequest{{}, 20, {}, {}}));
    BOOST_TEST((history("seconds='180'") == HistoryRequest{{}, {}, 180, {}}));
    const auto epoch = parse_date_time("1970-01-01T00:00:00Z");
    BOOST_TEST((history("since='1970-01-01T00:00:00Z'") == HistoryRequest{{}, {}, {}, epoch}));
    BOOST_TEST(
        (history("maxchars='1' maxstanzas='2' seconds='3' since='1970-01-01T00:00:00Z'") ==
         HistoryRequest{1, 2, 3, epoch}));
}

BOOST_AUTO_TEST_CASE(more_than_can_be_meant_is_no_limit)
{
    BOOST_TEST((history("seconds='99999999999999999999'").seconds == 4'294'967'295U));
}

BOOST_AUTO_TEST_CASE(a_malformed_limit_is_refused)
{
    for (const std::string attributes :
         {"maxchars=''",
          "maxchars='-1'",
          "maxstanzas='many'",
          "maxstanzas='1.5'",
          "seconds=' 1'",
          "seconds='1x'",
          "since=''",
          "since='yesterday'",
          "since='1970-01-01'"}) {
        const auto read_request = read("<history " + attributes + "/>");
        BOOST_REQUIRE_MESSAGE(!read_request.has_value(), attributes);
        BOOST_TEST((read_request.error().condition == Condition::bad_request), attributes);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
