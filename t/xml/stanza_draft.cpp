// SPDX-License-Identifier: Apache-2.0
// Which payloads pass as the bytes that came, and what becomes of the others.

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

#include "stream_recorder.h"

using namespace std::string_literals;

namespace sarang {
namespace {

struct Case {
    std::string_view stanza;
    std::string_view payload;
};

/// A stream of `declarations` gets `stanza`: what its payload is.
std::string payload_of(const std::string& declarations, std::string_view stanza)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' " + declarations + ">");
    stream.feed(stanza);
    BOOST_TEST(!stream.error);
    BOOST_REQUIRE_MESSAGE(stream.payload, "a payload of " << stanza);
    return std::string{stream.payload->bytes()};
}

void check(const std::string& declarations, std::initializer_list<Case> cases)
{
    for (const Case& each : cases) {
        BOOST_TEST_CONTEXT(each.stanza)
        {
            BOOST_TEST(payload_of(declarations, each.stanza) == each.payload);
        }
    }
}

const std::string client = "xmlns='jabber:client'";

BOOST_AUTO_TEST_SUITE(stanza_draft)

BOOST_AUTO_TEST_CASE(a_self_contained_payload_passes_byte_by_byte)
{
    for (const std::string payload : {
             "<body>a</body>",
             " <body  a = \"b\" >&#x41;&lt;<![CDATA[<]]></body >\n",
             "text alone",
             "<x xmlns='urn:x'><y/></x>",
             "<x xmlns=''/>",
             "<a:x xmlns:a='urn:a' a:b='c'><a:y/><a:z xmlns:a='urn:b'/><a:y/></a:x>",
             "<body xml:lang='de'/>",
             "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body/>"
             "</message></forwarded>",
             "<forwarded xmlns='urn:xmpp:forward:0'><c:message xmlns:c='jabber:server'/>"
             "</forwarded>",
             "<a:x xmlns:a='urn:a'><body/></a:x>",
         }) {
        for (const char* tag : {"message", "iq", "presence"}) {
            const std::string stanza = "<"s + tag + " to='a'>" + payload + "</" + tag + ">";
            BOOST_TEST(payload_of(client, stanza) == payload);
            BOOST_TEST(payload_of("xmlns='jabber:server'", stanza) == payload);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_child_that_declares_the_content_namespace_is_written_without_it)
{
    check(
        client,
        {
            {"<message><body xmlns='jabber:client'>a</body></message>", "<body>a</body>"},
            {"<message><body xmlns='jabber:server'>a</body></message>", "<body>a</body>"},
            {"<message><c:body xmlns:c='jabber:client'>a</c:body></message>", "<body>a</body>"},
            {"<message><error><text xmlns='jabber:client'/></error></message>",
             "<error><text/></error>"},
            {"<message xmlns='jabber:client'><body>a</body></message>", "<body>a</body>"},
        });
    check(
        "xmlns='jabber:server'",
        {{"<message><body xmlns='jabber:client'>a</body></message>", "<body>a</body>"}});
}

BOOST_AUTO_TEST_CASE(a_forwarded_stanza_keeps_its_namespace_when_its_payload_is_rewritten)
{
    check(
        client,
        {{"<message xmlns:d='urn:d'><forwarded xmlns='urn:f'><message xmlns='jabber:client'>"
          "<body/></message></forwarded><d:x/></message>",
          "<forwarded xmlns='urn:f'><message xmlns='jabber:client'><body/></message></forwarded>"
          "<x xmlns='urn:d'/>"}});
}

BOOST_AUTO_TEST_CASE(a_prefix_of_the_stream_or_the_stanza_is_declared_within)
{
    check(
        client + " xmlns:a='urn:a'",
        {
            {"<message><a:x a='1'><a:y/></a:x></message>", "<x xmlns='urn:a' a='1'><y/></x>"},
            {"<message><x xmlns='urn:x' a:b='c'/></message>",
             "<x xmlns='urn:x' xmlns:a0='urn:a' a0:b='c'/>"},
            {"<message xmlns:b='urn:b'><b:x>1 &lt; 2</b:x></message>",
             "<x xmlns='urn:b'>1 &lt; 2</x>"},
            {"<message><x xmlns='urn:x'><y xmlns:a='urn:2'><a:z/></y><a:z/></x></message>",
             "<x xmlns='urn:x'><y><z xmlns='urn:2'/></y><z xmlns='urn:a'/></x>"},
            {"<message><stream:x/></message>", "<x xmlns='http://etherx.jabber.org/streams'/>"},
        });
}

BOOST_AUTO_TEST_CASE(a_default_namespace_that_is_not_the_content_namespace_is_declared_within)
{
    const std::string other = "xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'";
    check(
        other,
        {
            {"<c:message><c:body>a</c:body></c:message>", "<body>a</body>"},
            {"<c:message><x/></c:message>", "<x xmlns='http://etherx.jabber.org/streams'/>"},
            {"<message xmlns='jabber:client'><body>a</body></message>", "<body>a</body>"},
        });
    check("xmlns:c='jabber:client'", {{"<c:message><x/></c:message>", "<x xmlns=''/>"}});
    check(
        client,
        {
            {"<c:message xmlns:c='jabber:client' xmlns='urn:x'><y/></c:message>",
             "<y xmlns='urn:x'/>"},
            {"<c:message xmlns:c='jabber:client'><body/></c:message>", "<body/>"},
        });
}

BOOST_AUTO_TEST_CASE(bytes_that_prefixes_add_count_against_the_limit)
{
    ParserPool pool;
    ParserLimits limits;
    limits.stanza_bytes = 1000;
    StreamRecorder stream{pool, limits};
    stream.feed(
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' " + client + " xmlns:a='" +
        std::string(100, 'u') + "'>");
    std::string children;
    for (int i = 0; i < 8; ++i) {
        children += "<a:x/>";
    }
    stream.feed("<message>" + children + "</message>");
    BOOST_TEST(!stream.error);
    stream.feed("<message>" + children + "<a:x/></message>");
    BOOST_REQUIRE(stream.error);
    BOOST_TEST(name(stream.error->condition) == "policy-violation");
}

BOOST_AUTO_TEST_CASE(children_are_indexed_by_namespace_and_name)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(client_header);
    stream.feed("<message> <body>a</body>text<a:x xmlns:a='urn:a&amp;b'/><body xmlns=''/>"
                "<y xmlns='urn:y'><z/></y></message>");
    const Ref<Payload> payload = stream.payload;
    BOOST_REQUIRE(payload);
    BOOST_TEST(payload->size() == 4);
    BOOST_TEST((payload->find("", "body") == 0));
    BOOST_TEST((payload->find("jabber:client", "body") == 0));
    BOOST_TEST((payload->find("urn:a&b", "x") == 1));
    BOOST_TEST((payload->find(Payload::no_namespace, "body") == 2));
    BOOST_TEST((payload->find("urn:y", "y") == 3));
    BOOST_TEST(!payload->has("urn:y", "z"));
    BOOST_TEST(payload->child(0).bytes == "<body>a</body>");
    BOOST_TEST(payload->child(1).bytes == "<a:x xmlns:a='urn:a&amp;b'/>");
    BOOST_TEST(payload->child(3).bytes == "<y xmlns='urn:y'><z/></y>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
