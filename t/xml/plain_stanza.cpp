// SPDX-License-Identifier: Apache-2.0
// What is read without Expat, what is left to it, and that a stream finds back from it.

#include "xml/plain_stanza.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "stream_recorder.h"

using namespace std::string_literals;

namespace sarang {
namespace {

struct Fixture {
    ParserLimits limits;
    PlainStanza plain;

    bool reads(std::string_view bytes) { return plain.read(bytes, limits); }

    bool reads_payload(const std::string& payload)
    {
        return reads("<message>" + payload + "</message>");
    }

    /// For each stanza of a stream that comes in these pieces: was it read without a parser?
    std::string without_parser(const std::vector<std::string>& pieces)
    {
        ParserPool pool;
        StreamRecorder stream{pool, limits};
        stream.feed(client_header);
        std::string found;
        stream.in_event = [&](std::string_view) { found += pool.idle() > 0 ? '+' : '-'; };
        for (const std::string& piece : pieces) {
            stream.feed(piece);
        }
        BOOST_TEST(!stream.error);
        BOOST_TEST(stream.parser.pending() == 0);
        return found;
    }
};

BOOST_FIXTURE_TEST_SUITE(plain_stanza, Fixture)

BOOST_AUTO_TEST_CASE(a_stanza_is_read_with_its_head_and_its_children)
{
    const std::string one =
        "<message to='a@b' from=\"c'd@e/f\" id='1'  type='chat' xml:lang='de' ><body>x</body>"
        "<a xmlns='urn:a'><b/></a>text<c/></message>";
    const std::string bytes = one + "<presence/>";
    BOOST_REQUIRE(reads(bytes));
    BOOST_TEST(plain.size() == one.size());
    const ParsedStanza stanza = plain.stanza("en");
    BOOST_TEST(name(stanza.kind) == "message");
    BOOST_TEST(name(stanza.type) == "chat");
    BOOST_TEST(stanza.to.value() == "a@b");
    BOOST_TEST(stanza.from.value() == "c'd@e/f");
    BOOST_TEST(stanza.id == "1");
    BOOST_TEST(stanza.lang == "de");
    const Payload& payload = *stanza.payload;
    BOOST_TEST(payload.bytes() == "<body>x</body><a xmlns='urn:a'><b/></a>text<c/>");
    BOOST_TEST(payload.size() == 3);
    BOOST_TEST((payload.find("", "body") == 0));
    BOOST_TEST((payload.find("urn:a", "a") == 1));
    BOOST_TEST((payload.find("", "c") == 2));
    BOOST_TEST(payload.child(1).bytes == "<a xmlns='urn:a'><b/></a>");
}

BOOST_AUTO_TEST_CASE(what_the_head_does_not_have_is_absent)
{
    BOOST_REQUIRE(reads("<presence to=''/>"));
    const ParsedStanza stanza = plain.stanza("en");
    BOOST_TEST(name(stanza.kind) == "presence");
    BOOST_TEST(stanza.to.has_value());
    BOOST_TEST(!stanza.from.has_value());
    BOOST_TEST(stanza.id.empty());
    BOOST_TEST(stanza.lang == "en");
    BOOST_TEST(!stanza.payload);
    BOOST_REQUIRE(reads("<iq></iq>"));
    BOOST_TEST(!plain.stanza("").payload);
}

BOOST_AUTO_TEST_CASE(everyday_payloads_are_read)
{
    for (const std::string payload : {
             "",
             "text alone",
             "<body>1 &lt; 2 &gt; &amp; &quot;&apos;</body>",
             "<body>\tZ\xC3\xBCrich\n\xE2\x82\xAC \xF0\x9F\x8E\x88</body>",
             "<body a='\xC3\xBC\xF0\x9F\x8E\x88\"'/>",
             "<body>a > b ] ]] [x]</body>",
             "<body xml:lang='de'/>",
             "<a.b-c_D1 xmlns='urn:x:y' _a='>'/>",
             "<x xmlns='urn:x'><y xmlns='urn:y'/></x>",
         }) {
        BOOST_TEST(reads_payload(payload), payload);
    }
}

BOOST_AUTO_TEST_CASE(whatever_else_a_payload_holds_is_left_to_expat)
{
    for (const std::string payload : {
             "<a:b xmlns:a='urn:a'/>",
             "<a b:c='d'/>",
             "<a xml:space='preserve'/>",
             "<a xmlns=''/>",
             "<a xmlns='jabber:client'/>",
             "<a xmlns='jabber:server'/>",
             "<a xmlns='jabber:component:accept'/>",
             "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
             "<a xmlns='urn:&amp;'/>",
             "<a b='&lt;'/>",
             "<a b='<'/>",
             "<a b='\t'/>",
             "<a b='c' b='d'/>",
             "<a xmlns='u' xmlns='u'/>",
             "<a b='c'd='e'/>",
             "<a b = 'c'/>",
             "<a b=c/>",
             "<a b/>",
             "<a\nb='c'/>",
             "<a / >",
             "<a></a >",
             "<a></b>",
             "<a><b></a></b>",
             "</a>",
             "< a/>",
             "<1/>",
             "<\xC3\xBC/>",
             "<!-- -->",
             "<?a?>",
             "<![CDATA[]]>",
             "]]>",
             "&#65;",
             "&nbsp;",
             "& ",
             "&\xC3\xBC;",
             "&>;",
             "\r\n",
             "\x01",
             "\xC0\x80",
             "\xE2\x82",
             "\xED\xA0\x80",
             "\xEF\xBF\xBF",
             "\xFF",
         }) {
        BOOST_TEST(!reads_payload(payload), payload);
    }
    BOOST_TEST(!reads_payload("\0"s));
}

BOOST_AUTO_TEST_CASE(what_is_no_stanza_is_left_to_expat)
{
    for (const std::string_view bytes : {
             "",
             " <message/>",
             "x",
             "<r xmlns='urn:xmpp:sm:3'/>",
             "<messages/>",
             "<Message/>",
             "<c:message/>",
             "<message xmlns='jabber:client'/>",
             "<message></presence>",
             "</message>",
             "</stream:stream>",
         }) {
        BOOST_TEST(!reads(bytes), bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_stanza_that_is_not_complete_is_left_to_expat)
{
    const std::string bytes = "<message to='a'><body a='b'>x &amp; \xC3\xBC</body><y/></message>";
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!reads(bytes.substr(0, size)));
    }
    BOOST_TEST(reads(bytes));
}

BOOST_AUTO_TEST_CASE(the_limits_of_the_stream_are_kept)
{
    const std::string bytes = "<message a='1' b='2'><a><b/></a><c/></message>";
    const auto reads_within = [&](auto ParserLimits::*limit, std::size_t bound) {
        limits = {};
        limits.*limit = bound;
        return reads(bytes);
    };
    BOOST_TEST(reads_within(&ParserLimits::stanza_bytes, 1000));
    BOOST_TEST(!reads_within(&ParserLimits::stanza_bytes, bytes.size() - 1));
    BOOST_TEST(reads_within(&ParserLimits::depth, 4));
    BOOST_TEST(!reads_within(&ParserLimits::depth, 3));
    BOOST_TEST(reads_within(&ParserLimits::children, 3));
    BOOST_TEST(!reads_within(&ParserLimits::children, 2));
    BOOST_TEST(!reads_within(&ParserLimits::attributes, 1));
    BOOST_TEST(!reads_within(&ParserLimits::parser_bytes, 100'000));
    BOOST_TEST(reads_within(&ParserLimits::plain_bytes, bytes.size()));
    BOOST_TEST(!reads_within(&ParserLimits::plain_bytes, bytes.size() - 1));
    BOOST_TEST(!reads_within(&ParserLimits::plain_bytes, 0));
}

BOOST_AUTO_TEST_CASE(what_would_be_too_long_with_its_namespaces_is_left_to_expat)
{
    limits.stanza_bytes = 1000;
    const auto stanza = [](std::size_t ns) {
        std::string text = "<message><a xmlns='" + std::string(ns, 'u') + "'>";
        for (int i = 0; i < 14; ++i) {
            text += "<b/>";
        }
        return text + "</a></message>";
    };
    BOOST_TEST(reads(stanza(100)));
    BOOST_TEST(!reads(stanza(300)));
}

BOOST_AUTO_TEST_CASE(a_stream_reads_plain_stanzas_without_a_parser)
{
    const std::string stanza = "<message><body>a</body></message>";
    BOOST_TEST(without_parser({stanza + " \n" + stanza + "<presence/>"}) == "+++");
    BOOST_TEST(without_parser({"<a/>" + stanza}) == "--");
    BOOST_TEST(without_parser({"<a/>", stanza}) == "-+");
}

BOOST_AUTO_TEST_CASE(behind_a_stanza_that_came_in_pieces_a_stream_is_without_a_parser_again)
{
    const std::string stanza = "<message to='a'><body>a</body></message>";
    for (std::size_t at = 1; at < stanza.size(); ++at) {
        BOOST_TEST(
            without_parser({stanza + stanza.substr(0, at), stanza.substr(at) + stanza + stanza}) ==
            "+-++");
    }
    BOOST_TEST(without_parser({"<presence", "/><presence/>"}) == "-+");
    // Not at once where a stanza seems to end before it does.
    const std::string nested = "<message><f xmlns='f'><message/><message></message></f></message>";
    BOOST_TEST(without_parser({"<", nested.substr(1) + stanza, stanza}) == "--+");
}

BOOST_AUTO_TEST_CASE(a_stream_of_another_default_namespace_has_no_plain_stanzas)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(
        "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'><message/>"
        "<c:message/>");
    BOOST_TEST(
        stream.text() == "open ns=jabber:client\n"
                         "element <message xmlns='http://etherx.jabber.org/streams'/>\n"
                         "message\n");
}

BOOST_AUTO_TEST_CASE(a_receiver_may_stop_between_plain_stanzas)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(client_header);
    stream.lines.clear();
    stream.in_event = [&](std::string_view) { stream.parser.stop(); };
    std::size_t consumed = 0;
    BOOST_TEST(!stream.parser.feed("<presence/> <iq/>", consumed));
    BOOST_TEST(consumed == 11U);
    BOOST_TEST(stream.text() == "presence lang=en\n");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
