// SPDX-License-Identifier: Apache-2.0
#include "xml/element.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sarang {
namespace {

std::string nested(std::size_t depth)
{
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) {
        text += "<a>";
    }
    for (std::size_t i = 0; i < depth; ++i) {
        text += "</a>";
    }
    return text;
}

BOOST_AUTO_TEST_SUITE(element)

BOOST_AUTO_TEST_CASE(a_tree_that_is_built_is_written_with_each_namespace_declared_once)
{
    Element iq{ns::client, "iq"};
    iq.set("type", "get").set(ns::xml, "lang", "en");
    Element& query = iq.add("jabber:iq:roster", "query").set("ver", "");
    query.add("item").set("jid", "a@b").add("group").text("<Friends & 'foes'>");
    query.add(ns::client, "x");
    BOOST_TEST(
        iq.str(ns::client) == "<iq type='get' xml:lang='en'><query xmlns='jabber:iq:roster' ver=''>"
                              "<item jid='a@b'><group>&lt;Friends &amp; 'foes'&gt;</group></item>"
                              "<x xmlns='jabber:client'/></query></iq>");
    BOOST_TEST(iq.str().starts_with("<iq xmlns='jabber:client' type"));
}

BOOST_AUTO_TEST_CASE(foreign_attributes_get_a_prefix_on_their_tag)
{
    Element element{"urn:a", "a"};
    element.set("urn:b", "x", "1").set("x", "2").set("urn:c", "x", "3");
    BOOST_TEST(
        element.str() ==
        "<a xmlns='urn:a' xmlns:a0='urn:b' a0:x='1' x='2' xmlns:a1='urn:c' a1:x='3'/>");
    BOOST_TEST((Element::read(element.str()).value() == element));
}

BOOST_AUTO_TEST_CASE(what_was_set_can_be_asked_for)
{
    Element element{"urn:a", "a"};
    element.set("x", "1").set("x", "2").set("empty", "");
    BOOST_TEST(element.attribute("x") == "2");
    BOOST_TEST(element.attributes().size() == 2);
    BOOST_TEST(element.attribute("y").empty());
    BOOST_TEST(element.has("empty"));
    BOOST_TEST(!element.has("y"));
    element.text("one").text("").text("two").add("b");
    element.text("three");
    element.add("urn:b", "b");
    BOOST_TEST(element.text() == "onetwothree");
    BOOST_TEST(element.nodes().size() == 4);
    BOOST_TEST(element.children().size() == 2);
    BOOST_TEST(element.child()->is("urn:a", "b"));
    BOOST_TEST(element.child("urn:b", "b")->ns() == "urn:b");
    BOOST_TEST(element.child("urn:c", "b") == nullptr);
    BOOST_TEST(Element("", "a").child() == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_read_is_written_in_its_plainest_form)
{
    const std::pair<std::string, std::string> cases[] = {
        {"<a/>", "<a/>"},
        {"<a ></a >", "<a/>"},
        {"<a\n b = \"c\"\td='e' />", "<a b='c' d='e'/>"},
        {"<a xmlns='urn:a'><b/></a>", "<a xmlns='urn:a'><b/></a>"},
        {"<p:a xmlns:p='urn:a'><p:b/><c/></p:a>",
         "<a xmlns='urn:a'><b/><c xmlns='jabber:client'/></a>"},
        {"<a xmlns:p='1'><b xmlns:p='2'><p:c/></b><p:c/></a>",
         "<a><b><c xmlns='2'/></b><c xmlns='1'/></a>"},
        {"<a><b xmlns=''><c/></b></a>", "<a><b xmlns=''><c/></b></a>"},
        {"<a xml:lang='de'/>", "<a xml:lang='de'/>"},
        {"<a xmlns:p='u' p:b='c'/>", "<a xmlns:a0='u' a0:b='c'/>"},
        {"<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#x1F388;</a>", "<a>&lt;&amp;&gt;\"'AB🎈</a>"},
        {"<a><![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>", "<a>&lt;b&gt;&amp;amp;]]&gt;</a>"},
        {"<a>x\r\ny\rz&#13;</a>", "<a>x\ny\nz&#xD;</a>"},
        {"<a b='x\r\ny\rz\t&#9;&#10;&#13;'/>", "<a b='x y z &#x9;&#xA;&#xD;'/>"},
        {"<a b='&apos;\"'/>", "<a b='&apos;&quot;'/>"},
        {"<a b='>'>></a>", "<a b='&gt;'>&gt;</a>"},
        {"<xml:a><b/><c xmlns='u'/></xml:a>", "<xml:a><b/><c xmlns='u'/></xml:a>"},
        {"<안녕 é='🎈'/>", "<안녕 é='🎈'/>"},
    };
    for (const auto& [bytes, written] : cases) {
        BOOST_TEST_CONTEXT(bytes)
        {
            const auto element = Element::read(bytes);
            BOOST_REQUIRE(element.has_value());
            BOOST_TEST(element->str(ns::client) == written);
            BOOST_TEST((Element::read(written).value() == *element));
        }
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_never_passed_a_parser_fail_or_make_some_tree_safely)
{
    for (const std::string_view bytes : {
             "",
             "a",
             "<",
             "<>",
             "< a/>",
             "<a",
             "<a>",
             "</a>",
             "<a></b>",
             "<a></a>b",
             "b<a/>",
             "<a/><b/>",
             "<a b/>",
             "<a b=c/>",
             "<a b='c/>",
             "<a b='<'/>",
             "<a b=''c=''/>",
             "<p:a/>",
             "<a p:b=''/>",
             "<:a/>",
             "<p:/>",
             "<a>&b;</a>",
             "<a>&</a>",
             "<a>&#0;</a>",
             "<a>&#;</a>",
             "<a>&#x;</a>",
             "<a>&#xD800;</a>",
             "<a>&#x110000;</a>",
             "<a>&#99999999999;</a>",
             "<a>&#-1;</a>",
             "<a><!-- --></a>",
             "<a><?b?></a>",
             "<!DOCTYPE a><a/>",
             "<a><![CDATA[</a>",
             "<a><![CDATA",
             "<a></a",
             "<a></",
             "<a b",
             "<a b=",
             "<a b='",
             "<a>&amp</a>",
         }) {
        const auto element = Element::read(bytes);
        BOOST_TEST(!element.has_value(), bytes);
        BOOST_TEST((element || element.error().condition == Condition::bad_request));
    }
}

BOOST_AUTO_TEST_CASE(the_depth_of_a_tree_is_bounded)
{
    BOOST_TEST(Element::read(nested(512)).has_value());
    BOOST_TEST(!Element::read(nested(513)).has_value());
    BOOST_TEST(!Element::read(nested(100'000)).has_value());
}

BOOST_AUTO_TEST_CASE(the_size_of_expanded_names_is_bounded)
{
    std::string bytes = "<p:a xmlns:p='" + std::string(100'000, 'u') + "'>";
    for (int i = 0; i < 1000; ++i) {
        bytes += "<p:b/>";
    }
    BOOST_TEST(!Element::read(bytes + "</p:a>").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
