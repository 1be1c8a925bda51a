// SPDX-License-Identifier: Apache-2.0
// What ends a stream: the grammar, the limits, and the work that a peer can cause.

#include "xml/stream_parser.h"

#include <boost/test/unit_test.hpp>

#include <ctime>
#include <string>
#include <string_view>

#include "stream_recorder.h"

using namespace std::string_literals;

namespace sarang {
namespace {

const std::string header{client_header};

struct Fixture {
    ParserPool pool;

    /// The error that ends a stream of these bytes, at once or byte by byte.
    std::string error_of(const std::string& bytes, const ParserLimits& limits = {})
    {
        StreamRecorder whole{pool, limits};
        whole.feed(bytes);
        StreamRecorder pieces{pool, limits};
        pieces.feed(bytes, 1);
        BOOST_TEST(whole.error.has_value() == pieces.error.has_value());
        if (!whole.error || !pieces.error) {
            return "none";
        }
        BOOST_TEST(name(whole.error->condition) == name(pieces.error->condition));
        return std::string{name(whole.error->condition)};
    }
};

struct Case {
    std::string bytes;
    std::string_view condition;
};

double cpu_seconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

BOOST_FIXTURE_TEST_SUITE(scanner, Fixture)

BOOST_AUTO_TEST_CASE(what_is_wrong_before_the_stream_is_open_gets_its_condition)
{
    const Case cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", "not-well-formed"},
        {"\x16\x03\x01\x02", "not-well-formed"},
        {"\xFF\xFE<\0s\0"s, "unsupported-encoding"},
        {"\xFE\xFF\0<\0s"s, "unsupported-encoding"},
        {"<\0s\0"s, "unsupported-encoding"},
        {"\0<\0s"s, "unsupported-encoding"},
        {"\xEF\xBB\xBF" + header, "not-well-formed"},
        {"<?xml version='1.0' encoding='UTF-16'?>", "unsupported-encoding"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?>", "unsupported-encoding"},
        {"<?xml encoding='UTF-8'?>", "not-well-formed"},
        {"<?xml " + std::string(300, 'x'), "not-well-formed"},
        {"<?xml version='1.0'?>x<stream/>", "not-well-formed"},
        {"<?xml version='1.0'?><?xml version='1.0'?>", "restricted-xml"},
        {"<?xml-stylesheet href='a'?>", "restricted-xml"},
        {"<!-- hello -->", "restricted-xml"},
        {"<!DOCTYPE stream [<!ENTITY a 'aaaa'>]>", "restricted-xml"},
        {"<stream>", "invalid-namespace"},
        {"<html xmlns='http://www.w3.org/1999/xhtml'>", "invalid-namespace"},
        {"<stream:stream xmlns:stream='urn:else'>", "invalid-namespace"},
        {"<x:oops xmlns:x='http://etherx.jabber.org/streams'>", "bad-format"},
        {"<stream:stream>", "not-well-formed"},
        {"<stream:stream a='1' a='2'>", "not-well-formed"},
        {"</stream:stream>", "not-well-formed"},
        {"</lobby>", "not-well-formed"},
        {"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='&x;'>",
         "restricted-xml"},
        {"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='\xC3\x28'>",
         "unsupported-encoding"},
    };
    for (const Case& each : cases) {
        BOOST_TEST_CONTEXT(each.bytes)
        {
            BOOST_TEST(error_of(each.bytes) == each.condition);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_xml_declaration_for_utf_8_is_welcome)
{
    const std::string rest = header.substr(header.find("?>") + 2);
    for (const char* declaration :
         {"<?xml version='1.0' encoding='UTF-8'?>",
          "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\r\n",
          "<?xml version='1.0'?>",
          " \n"}) {
        BOOST_TEST(error_of(declaration + rest) == "none");
    }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_within_a_stream_gets_its_condition)
{
    const Case cases[] = {
        {"<!-- a -->", "restricted-xml"},
        {"<message><!-- a --></message>", "restricted-xml"},
        {"<?php 1 ?>", "restricted-xml"},
        {"<message><?php 1 ?></message>", "restricted-xml"},
        {"<?xml version='1.0'?>", "restricted-xml"},
        {"<!DOCTYPE a>", "restricted-xml"},
        {"<message><!ENTITY a 'b'></message>", "restricted-xml"},
        {"<message>&nbsp;</message>", "restricted-xml"},
        {"<message a='&nbsp;'/>", "restricted-xml"},
        {"<message>\xFF</message>", "unsupported-encoding"},
        {"<message>\xC0\x80</message>", "unsupported-encoding"},
        {"<message>\xE2\x82</message>", "unsupported-encoding"},
        {"<message>\xED\xA0\x80</message>", "unsupported-encoding"},
        {"<message>\xF4\x90\x80\x80</message>", "unsupported-encoding"},
        {"<message a='\xE9'/>", "unsupported-encoding"},
        {"<m\xE9ssage/>", "unsupported-encoding"},
        {"\xE9<message/>", "unsupported-encoding"},
        {"<message>\xEF\xBF\xBF</message>", "not-well-formed"},
        {"<message>\x01</message>", "not-well-formed"},
        {"<message>\0</message>"s, "not-well-formed"},
        {"\0<message/>"s, "not-well-formed"},
        {"<mes\0sage/>"s, "not-well-formed"},
        {"<message>&#0;</message>", "not-well-formed"},
        {"<message>&#xFFFF;</message>", "not-well-formed"},
        {"<message>&</message>", "not-well-formed"},
        {"<message>]]></message>", "not-well-formed"},
        {"<message a='<'/>", "not-well-formed"},
        {"<message a=b/>", "not-well-formed"},
        {"<message a='1' a='2'/>", "not-well-formed"},
        {"<message xmlns:a='u' xmlns:b='u' a:c='1' b:c='2'/>", "not-well-formed"},
        {"<a:message/>", "not-well-formed"},
        {"<message><a:b/></message>", "not-well-formed"},
        {"<message a:b='c'/>", "not-well-formed"},
        {"<message xmlns:a=''/>", "not-well-formed"},
        {"<message xmlns:xmlns='a'/>", "not-well-formed"},
        {"<message></presence>", "not-well-formed"},
        {"<message><a></message></a>", "not-well-formed"},
        {"</message>", "not-well-formed"},
        {"</stream>", "not-well-formed"},
        {"</stream:stream", "none"},
        {"hello", "bad-format"},
        {"<presence/>hello", "bad-format"},
        {"<presence/>hello<presence/>", "bad-format"},
        {"<![CDATA[hello]]>", "bad-format"},
        {"&amp;<presence/>", "bad-format"},
        {"<presence/>&#32;<presence/>", "bad-format"},
        {"<presence/>&nbsp;<presence/>", "restricted-xml"},
    };
    for (const Case& each : cases) {
        BOOST_TEST_CONTEXT(each.bytes)
        {
            BOOST_TEST(error_of(header + each.bytes) == each.condition);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_came_before_the_error_is_told)
{
    StreamRecorder stream{pool};
    stream.feed(header + "<presence id='1'/><message><a></b>");
    BOOST_TEST(stream.text().ends_with("presence id=1 lang=en\nerror not-well-formed\n"));
}

BOOST_AUTO_TEST_CASE(limits_are_inclusive)
{
    ParserLimits limits;
    limits.stanza_bytes = 1000;
    limits.depth = 4;
    limits.attributes = 6;
    limits.children = 3;
    const auto attributes = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += " a" + std::to_string(i) + "=''";
        }
        return text;
    };
    const auto namespaces = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += " xmlns:a" + std::to_string(i) + "='u'";
        }
        return text;
    };
    const Case cases[] = {
        {"<message>" + std::string(1000 - 19, 'x') + "</message>", "none"},
        {"<message>" + std::string(1000 - 18, 'x') + "</message>", "policy-violation"},
        {"<message a='" + std::string(1000, 'x'), "policy-violation"},
        {"<message>" + std::string(1000, 'x'), "policy-violation"},
        {"<message><a><b/></a></message>", "none"},
        {"<message><a><b><c/></b></a></message>", "policy-violation"},
        {"<auth><a><b><c/></b></a></auth>", "policy-violation"},
        {"<message" + attributes(6) + "/>", "none"},
        {"<message" + attributes(7) + "/>", "policy-violation"},
        {"<message><a" + attributes(7) + "/></message>", "policy-violation"},
        {"<message><a" + namespaces(6) + "/></message>", "none"},
        {"<message><a" + namespaces(7) + "/></message>", "policy-violation"},
        {"<message><a" + namespaces(4) + "><a" + namespaces(4) + "/></a></message>",
         "policy-violation"},
        {"<message><a/><a/><a/></message>", "none"},
        {"<message><a/><a/><a/><a/></message>", "policy-violation"},
        {"<message><a><b/><b/><b/></a></message>", "policy-violation"},
    };
    for (const Case& each : cases) {
        BOOST_TEST_CONTEXT(each.bytes)
        {
            BOOST_TEST(error_of(header + each.bytes, limits) == each.condition);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_header_has_limits_too)
{
    ParserLimits limits;
    limits.stanza_bytes = 1000;
    const std::string begin = header.substr(0, header.size() - 1);
    BOOST_TEST(error_of(begin + " a='" + std::string(500, 'x') + "'>", limits) == "none");
    BOOST_TEST(
        error_of(begin + " a='" + std::string(1000, 'x') + "'>", limits) == "policy-violation");
    BOOST_TEST(error_of(begin + " a='" + std::string(1000, 'x'), limits) == "policy-violation");
    BOOST_TEST(
        error_of(begin + " xmlns:a='" + std::string(3000, 'x') + "'>") == "policy-violation");
}

BOOST_AUTO_TEST_CASE(thirty_thousand_nested_elements_end_the_stream)
{
    std::string nested;
    for (int i = 0; i < 30'000; ++i) {
        nested += "<a>";
    }
    BOOST_TEST(error_of(header + "<message>" + nested) == "policy-violation");
}

BOOST_AUTO_TEST_CASE(names_that_grow_when_their_prefix_is_spelled_out_are_bounded)
{
    std::string children;
    for (int i = 0; i < 4000; ++i) {
        children += "<a:b/>";
    }
    const std::string begin = "<message xmlns:a='" + std::string(100'000, 'u') + "'>";
    BOOST_TEST(error_of(header + begin + children + "</message>") == "policy-violation");
}

BOOST_AUTO_TEST_CASE(prefixes_in_force_are_bounded)
{
    std::string begin = "<message>";
    for (int i = 0; i < 3; ++i) {
        begin += "<a";
        for (int k = 0; k < 100; ++k) {
            begin += " xmlns:p" + std::to_string(i * 100 + k) + "='u'";
        }
        begin += '>';
    }
    BOOST_TEST(error_of(header + begin) == "policy-violation");
}

BOOST_AUTO_TEST_CASE(a_stanza_may_not_take_all_memory)
{
    ParserLimits limits;
    limits.parser_bytes = 100'000;
    const std::string value(200'000, 'x');
    BOOST_TEST(
        error_of(header + "<message><a b='" + value + "'/></message>", limits) ==
        "policy-violation");
    BOOST_TEST(error_of(header + "<message><a>" + value + "</a></message>", limits) == "none");
    BOOST_TEST(pool.bytes() < 200'000);
}

BOOST_AUTO_TEST_CASE(an_attribute_that_comes_byte_by_byte_costs_little)
{
    for (const char filling : {'x', '>'}) {
        StreamRecorder stream{pool};
        stream.feed(header);
        const double before = cpu_seconds();
        stream.feed("<message a='" + std::string(256 * 1024, filling) + "'/>", 1);
        BOOST_TEST(cpu_seconds() - before < 0.5);
        BOOST_TEST((!stream.error || stream.error->condition == StreamCondition::policy_violation));
    }
}

BOOST_AUTO_TEST_CASE(an_attribute_that_comes_in_packets_is_taken)
{
    for (const char filling : {'x', '>'}) {
        StreamRecorder stream{pool};
        stream.feed(header);
        stream.feed("<message a='" + std::string(100'000, filling) + "'/>", 1448);
        BOOST_TEST(!stream.error);
    }
}

BOOST_AUTO_TEST_CASE(text_that_comes_byte_by_byte_costs_little)
{
    for (const char* filling : {"x", ">", "]", "&lt;", "<a/>x"}) {
        StreamRecorder stream{pool};
        stream.feed(header);
        std::string text;
        while (text.size() < 16'000) {
            text += filling;
        }
        const double before = cpu_seconds();
        stream.feed("<message><body>" + text + "</body></message>", 1);
        BOOST_TEST(cpu_seconds() - before < 0.5);
        BOOST_TEST(!stream.error);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
