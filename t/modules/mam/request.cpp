// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/request.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

Result<ArchiveRequest> read(const std::string& inside, const std::string& attributes = {})
{
    return ArchiveRequest::read(
        Element::read("<query xmlns='urn:xmpp:mam:2' " + attributes + ">" + inside + "</query>")
            .value());
}

std::string field(const std::string& var, const std::string& value)
{
    return "<field var='" + var + "'><value>" + value + "</value></field>";
}

std::string form(const std::string& fields, const std::string& form_type = "urn:xmpp:mam:2")
{
    return "<x xmlns='jabber:x:data' type='submit'>" + field("FORM_TYPE", form_type) + fields +
           "</x>";
}

Condition refusal(const std::string& inside, const std::string& attributes = {})
{
    const Result<ArchiveRequest> request = read(inside, attributes);
    BOOST_TEST_REQUIRE(!request.has_value(), inside);
    return request.error().condition;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mam_request)

BOOST_AUTO_TEST_CASE(what_is_not_said_is_open)
{
    const ArchiveRequest request = read("").value();
    BOOST_TEST((request.query_id == std::nullopt));
    BOOST_TEST((request.with == std::nullopt && request.start == std::nullopt));
    BOOST_TEST((request.page == ResultSetRequest{}));
    BOOST_TEST((!request.fold && !request.flip && !request.descending));
    BOOST_TEST(read("", "queryid=''").value().query_id.value().empty());
}

BOOST_AUTO_TEST_CASE(all_that_may_be_asked_for_is_read)
{
    const ArchiveRequest request =
        read(
            form(
                field("with", "romeo@localhost/orchard") + field("start", "2020-01-01T00:00:00Z") +
                field("end", "2020-01-01T01:00:00+01:00") + field("before-id", "b") +
                field("after-id", "a") + field("include-groupchat", "false") +
                field("{urn:sarang:archive:0}fold", "1") +
                "<field var='ids'><value>1</value><value>2</value></field>") +
                "<order xmlns='urn:xmpp:order-by:1' by='creation' desc='true'/><flip-page/>"
                "<set xmlns='http://jabber.org/protocol/rsm'><max>7</max></set>",
            "queryid='q'")
            .value();
    BOOST_TEST(request.query_id.value() == "q");
    BOOST_TEST(request.with.value().str() == "romeo@localhost/orchard");
    BOOST_TEST((request.start == request.end));
    BOOST_TEST(request.before_id.value() == "b");
    BOOST_TEST(request.after_id.value() == "a");
    BOOST_TEST((request.ids == std::vector<std::string>{"1", "2"}));
    BOOST_TEST((request.fold && request.flip && request.descending));
    BOOST_TEST((request.page.max == 7U));
}

BOOST_AUTO_TEST_CASE(what_nobody_knows_is_not_implemented)
{
    constexpr auto unknown = Condition::feature_not_implemented;
    BOOST_TEST((refusal(form(field("{http://example.com/}mood", "lonely"))) == unknown));
    BOOST_TEST((refusal("<order xmlns='urn:xmpp:order-by:1' by='modification'/>") == unknown));
    BOOST_TEST((refusal("", "node='plays'") == unknown));
    BOOST_TEST(
        (refusal("<set xmlns='http://jabber.org/protocol/rsm'><index>3</index></set>") == unknown));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_a_bad_request)
{
    for (const std::string& inside :
         {form(field("start", "yesterday")),
          form(field("end", "")),
          form(field("with", "@")),
          form(field("include-groupchat", "maybe")),
          form("<field var='with'><value>a@b</value><value>c@d</value></field>"),
          form("", "urn:xmpp:mam:1"),
          std::string{"<x xmlns='jabber:x:data' type='cancel'/>"},
          std::string{"<set xmlns='http://jabber.org/protocol/rsm'><max>all</max></set>"}}) {
        BOOST_TEST((refusal(inside) == Condition::bad_request), inside);
    }
}

BOOST_AUTO_TEST_CASE(only_so_many_ids_may_be_asked_for)
{
    std::string values;
    for (std::size_t i = 0; i < ArchiveRequest::max_ids; ++i) {
        values += "<value>1</value>";
    }
    BOOST_TEST(read(form("<field var='ids'>" + values + "</field>")).has_value());
    const std::string more = form("<field var='ids'><value>1</value>" + values + "</field>");
    BOOST_TEST((refusal(more) == Condition::resource_constraint));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
