// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace std::string_literals;

namespace sarang {
namespace {

std::string text(std::string_view text)
{
    std::string out = "x";
    escape_text(out, text);
    return out.substr(1);
}

std::string attribute(std::string_view text)
{
    std::string out;
    escape_attribute(out, text);
    return out;
}

Stanza presence()
{
    Stanza stanza;
    stanza.kind = Kind::presence;
    stanza.type = Type::available;
    stanza.to = Jid::parse("a@b/'c'").value();
    stanza.lang = "en";
    return stanza;
}

void fill(Stanza& stanza)
{
    const std::vector<Element> children{
        Element{ns::client, "a"}, Element{ns::client, "b"}, Element{ns::client, "c"}};
    stanza.payload = Payload::make(children);
}

BOOST_AUTO_TEST_SUITE(writer)

BOOST_AUTO_TEST_CASE(text_is_escaped_where_it_must_be)
{
    BOOST_TEST(text("").empty());
    BOOST_TEST(text("plain 안녕 🎈") == "plain 안녕 🎈");
    BOOST_TEST(text("<&>'\"\n\t") == "&lt;&amp;&gt;'\"\n\t");
    BOOST_TEST(text("a\rb") == "a&#xD;b");
    BOOST_TEST(text("a\0b\x1F"s) == "a\uFFFDb\uFFFD");
    BOOST_TEST(attribute("<&>'\"") == "&lt;&amp;&gt;&apos;&quot;");
    BOOST_TEST(attribute("\n\t\r") == "&#xA;&#x9;&#xD;");
}

BOOST_AUTO_TEST_CASE(a_stanza_without_content_is_one_tag)
{
    std::string out = ">";
    write_stanza(out, presence());
    BOOST_TEST(out == "><presence to='a@b/&apos;c&apos;' xml:lang='en'/>");
}

BOOST_AUTO_TEST_CASE(the_language_of_the_stream_is_not_repeated)
{
    std::string out;
    write_stanza(out, presence(), "", "en");
    BOOST_TEST(out == "<presence to='a@b/&apos;c&apos;'/>");
}

BOOST_AUTO_TEST_CASE(a_namespace_is_declared_on_demand)
{
    std::string out;
    write_stanza(out, presence(), ns::client, "en");
    BOOST_TEST(out == "<presence xmlns='jabber:client' to='a@b/&apos;c&apos;'/>");
}

BOOST_AUTO_TEST_CASE(hidden_children_are_left_out_and_added_ones_follow)
{
    const std::pair<std::uint64_t, std::string> cases[] = {
        {0b000, "<a/><b/><c/>"},
        {0b001, "<b/><c/>"},
        {0b010, "<a/><c/>"},
        {0b100, "<a/><b/>"},
        {0b111, ""},
        {0b1000, "<a/><b/><c/>"},
    };
    for (const auto& [hidden, inside] : cases) {
        Stanza stanza;
        fill(stanza);
        stanza.hidden = hidden;
        std::string out;
        write_stanza(out, stanza);
        const std::string expected =
            inside.empty() ? "<message/>" : "<message>" + inside + "</message>";
        BOOST_TEST(out == expected);
        stanza.added = "<d xmlns='urn:d'/>";
        out.clear();
        write_stanza(out, stanza);
        BOOST_TEST(out == "<message>" + inside + "<d xmlns='urn:d'/></message>");
    }
}

BOOST_AUTO_TEST_CASE(three_parts_make_the_same_stanza)
{
    for (const std::uint64_t hidden : {0, 2}) {
        Stanza stanza = presence();
        fill(stanza);
        stanza.added = "<d xmlns='urn:d'/>";
        stanza.hidden = hidden;
        std::string whole;
        write_stanza(whole, stanza, ns::client);
        std::string parts;
        std::string scratch;
        write_open(parts, stanza, ns::client);
        const std::string_view inside = visible_payload(stanza, scratch);
        BOOST_TEST((inside.data() == stanza.payload->bytes().data()) == (hidden == 0));
        parts += inside;
        write_close(parts, stanza);
        BOOST_TEST(parts == whole);
    }
}

BOOST_AUTO_TEST_CASE(a_stream_error_bears_its_condition_and_text)
{
    std::string out;
    write_stream_error(out, {StreamCondition::policy_violation, "a < b"});
    BOOST_TEST(
        out == "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
               "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt; b</text>"
               "</stream:error>");
    out.clear();
    write_stream_error(out, {StreamCondition::reset, ""});
    BOOST_TEST(
        out == "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
