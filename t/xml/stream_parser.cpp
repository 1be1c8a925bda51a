// SPDX-License-Identifier: Apache-2.0
#include "xml/stream_parser.h"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

#include "stream_recorder.h"

using namespace std::string_literals;

namespace sarang {
namespace {

const std::string header{client_header};
constexpr std::string_view opened = "open to=example.com version=1.0 lang=en ns=jabber:client\n";

struct Fixture {
    ParserPool pool;
    StreamRecorder stream{pool};

    /// Opens a stream and forgets about that event.
    void open()
    {
        BOOST_TEST(stream.feed(client_header));
        BOOST_TEST(stream.lines == opened);
        stream.lines.clear();
    }
};

BOOST_FIXTURE_TEST_SUITE(stream_parser, Fixture)

BOOST_AUTO_TEST_CASE(a_stream_opens_carries_stanzas_and_elements_and_closes)
{
    BOOST_TEST(stream.feed(
        header +
        "<message from='a@b/c' to='x@y' id='1' type='chat'><body>hi &amp; you</body></message>"
        "<presence/><iq type='get' id='q' xml:lang='de'><query xmlns='a'/></iq>"
        "<r xmlns='urn:xmpp:sm:3'/><auth xmlns='urn:a' "
        "a='1'>dGV&#x73;dA==</auth></stream:stream>"));
    BOOST_TEST(
        stream.text() ==
        "open to=example.com version=1.0 lang=en ns=jabber:client\n"
        "message type=chat id=1 lang=en from=a@b/c to=x@y <body>hi &amp; you</body>\n"
        "presence lang=en\n"
        "iq type=get id=q lang=de <query xmlns='a'/>\n"
        "element <r xmlns='urn:xmpp:sm:3'/>\n"
        "element <auth xmlns='urn:a' a='1'>dGVsdA==</auth>\n"
        "close\n");
}

BOOST_AUTO_TEST_CASE(every_chunking_gives_the_same_events)
{
    const std::string sample =
        "\n" + header +
        " \r\n<message to='a&apos;b' id='\xC3\xA9'><body>\xF0\x9F\x8E\x88 > &#x1F388;</body>"
        "<x a='>/>'><![CDATA[<a>]]]]></x>text</message>\r\n\r\n"
        "<iq type='get'><stream:error/><a:q xmlns:a='urn:a' a:b='c'/></iq>\n"
        "<features xmlns='urn:f'><one/>two</features><presence ></presence >  </stream:stream>";
    BOOST_TEST(stream.feed(sample));
    BOOST_TEST(!stream.error);
    for (std::size_t at = 0; at <= sample.size(); ++at) {
        StreamRecorder other{pool};
        BOOST_TEST(other.feed(sample.substr(0, at)));
        BOOST_TEST(other.feed(sample.substr(at)));
        BOOST_TEST(other.text() == stream.text());
    }
    for (const std::size_t step : {1, 2, 3, 7, 16}) {
        StreamRecorder other{pool};
        BOOST_TEST(other.feed(sample, step));
        BOOST_TEST(other.text() == stream.text());
    }
}

BOOST_AUTO_TEST_CASE(a_stanza_is_told_as_soon_as_its_last_byte_has_come)
{
    open();
    const std::string stanza = "<message><body>" + std::string(20'000, 'x') + "</body></message>";
    for (const std::size_t first : {1, 20, 19'000, 20'030}) {
        stream.lines.clear();
        BOOST_TEST(stream.feed(stanza.substr(0, first)));
        BOOST_TEST(stream.lines.empty());
        BOOST_TEST(stream.parser.pending() == first);
        BOOST_TEST(stream.feed(stanza.substr(first)));
        BOOST_TEST(stream.lines.size() > 20'000);
        BOOST_TEST(stream.parser.idle());
    }
}

BOOST_AUTO_TEST_CASE(between_stanzas_nothing_is_held)
{
    open();
    BOOST_TEST(stream.parser.idle());
    BOOST_TEST(stream.feed("<presence>"));
    BOOST_TEST(!stream.parser.idle());
    BOOST_TEST(stream.parser.pending() == 10);
    BOOST_TEST(stream.feed("</presence>\n"));
    BOOST_TEST(stream.parser.idle());
    BOOST_TEST(stream.parser.pending() == 0);
}

BOOST_AUTO_TEST_CASE(white_space_keeps_a_stream_alive_without_a_parser)
{
    open();
    const std::size_t idle = pool.idle();
    for (const char* space : {" ", "\n", "\r", "\t", "\r\n \r"}) {
        BOOST_TEST(stream.feed(space));
        BOOST_TEST(stream.parser.idle());
    }
    BOOST_TEST(stream.feed("<presence/>\r"));
    BOOST_TEST(stream.feed("\n<presence/> "));
    BOOST_TEST(stream.text() == "presence lang=en\npresence lang=en\n");
    BOOST_TEST(pool.idle() == idle);
}

BOOST_AUTO_TEST_CASE(a_stanza_without_a_language_has_that_of_its_stream)
{
    open();
    BOOST_TEST(stream.feed("<presence/><presence xml:lang='de'/><presence xml:lang=''/>"));
    BOOST_TEST(stream.text() == "presence lang=en\npresence lang=de\npresence\n");
}

BOOST_AUTO_TEST_CASE(an_absent_address_is_not_an_empty_one)
{
    struct Seen final : StreamEvents {
        void stream_opened(const StreamHeader&) override {}

        void element_parsed(Element&&) override {}

        void stream_closed() override {}

        void stanza_parsed(ParsedStanza&& stanza) override
        {
            has_to = stanza.to.has_value();
            has_from = stanza.from.has_value();
        }

        bool has_to = false;
        bool has_from = true;
    } seen;

    StreamParser parser{pool, StreamRecorder::usual_limits(), seen};
    std::size_t consumed = 0;
    BOOST_TEST(!parser.feed(header + "<message to=''/>", consumed));
    BOOST_TEST(seen.has_to);
    BOOST_TEST(!seen.has_from);
}

BOOST_AUTO_TEST_CASE(after_stop_the_rest_stays_unconsumed)
{
    open();
    stream.in_event = [&](std::string_view event) {
        if (event == "starttls") {
            stream.parser.stop();
        }
    };
    const std::string element = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    for (const std::string rest : {"", " ", "<", "<presence/>", "\x16\x03\x01>"}) {
        std::size_t consumed = 0;
        BOOST_TEST(!stream.parser.feed("<presence/>" + element + rest, consumed));
        BOOST_TEST(consumed == 11 + element.size());
        BOOST_TEST(stream.parser.idle());
    }
    stream.lines.clear();
    BOOST_TEST(stream.feed("<presence/>"));
    BOOST_TEST(stream.text() == "presence lang=en\n");
}

BOOST_AUTO_TEST_CASE(a_stop_within_an_element_that_came_in_pieces_counts_its_last_piece)
{
    open();
    stream.in_event = [&](std::string_view) { stream.parser.stop(); };
    std::size_t consumed = 0;
    BOOST_TEST(!stream.parser.feed("<message><body>x", consumed));
    BOOST_TEST(!stream.parser.feed("</body></message><presence/>", consumed));
    BOOST_TEST(consumed == "</body></message>"s.size());
}

BOOST_AUTO_TEST_CASE(after_restart_a_new_stream_follows)
{
    open();
    stream.in_event = [&](std::string_view event) {
        if (event == "success") {
            stream.parser.restart();
        }
    };
    const std::string second =
        "<?xml version='1.0'?><s:stream xmlns:s='http://etherx.jabber.org/streams' "
        "xmlns='jabber:server'><message/></s:stream>";
    BOOST_TEST(stream.feed("<success xmlns='urn:s'/>\n" + second));
    BOOST_TEST(
        stream.text() ==
        "element <success xmlns='urn:s'/>\nopen ns=jabber:server\nmessage\nclose\n");
}

BOOST_AUTO_TEST_CASE(a_restart_from_outside_drops_what_was_begun)
{
    open();
    BOOST_TEST(stream.feed("<message><bo"));
    stream.parser.restart();
    BOOST_TEST(stream.parser.idle());
    BOOST_TEST(stream.feed(client_header));
    BOOST_TEST(stream.text() == opened);
}

BOOST_AUTO_TEST_CASE(a_stop_at_the_header_leaves_what_follows_it)
{
    stream.in_event = [&](std::string_view) { stream.parser.stop(); };
    std::size_t consumed = 0;
    BOOST_TEST(!stream.parser.feed(header + "<presence/>", consumed));
    BOOST_TEST(consumed == header.size());
    BOOST_TEST(!stream.parser.feed("<presence/>", consumed));
    BOOST_TEST(stream.text() == std::string{opened} + "presence lang=en\n");
}

BOOST_AUTO_TEST_CASE(after_the_end_of_a_stream_nothing_is_looked_at)
{
    open();
    BOOST_TEST(stream.feed("</stream:stream><presence/>\xFF"));
    BOOST_TEST(stream.feed("<oops"));
    BOOST_TEST(stream.text() == "close\n");
    BOOST_TEST(stream.parser.idle());
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_one_empty_tag_opens_and_closes)
{
    BOOST_TEST(stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>"));
    BOOST_TEST(stream.text() == "open\nclose\n");
}

BOOST_AUTO_TEST_CASE(new_limits_hold_from_the_next_element_on)
{
    ParserLimits strict;
    strict.stanza_bytes = 100;
    const std::string big = "<message><body>" + std::string(200, 'x') + "</body></message>";

    open();
    BOOST_TEST(stream.feed(big.substr(0, 50)));
    stream.parser.use(strict);
    BOOST_TEST(stream.feed(big.substr(50)));
    BOOST_TEST(!stream.error);
    BOOST_TEST(stream.feed(big));
    BOOST_TEST(stream.text().ends_with("error policy-violation\n"));
}

BOOST_AUTO_TEST_CASE(a_stream_moves_to_the_pool_of_another_shard)
{
    ParserPool other;
    StreamRecorder there{other};
    open();
    stream.parser.move_to(other, there);
    BOOST_TEST(stream.feed("<presence/><r xmlns='urn:xmpp:sm:3'/>"));
    BOOST_TEST(stream.lines.empty());
    BOOST_TEST(there.text() == "presence lang=en\nelement <r xmlns='urn:xmpp:sm:3'/>\n");
    BOOST_TEST(other.idle() == 1);
}

BOOST_AUTO_TEST_CASE(what_a_receiver_throws_reaches_the_caller_and_ends_the_stream)
{
    open();
    stream.in_event = [](std::string_view) { throw std::runtime_error{"receiver"}; };
    std::size_t consumed = 0;
    BOOST_CHECK_THROW(stream.parser.feed("<presence/><presence/>", consumed), std::runtime_error);
    BOOST_TEST(stream.parser.idle());
    BOOST_TEST(!stream.parser.feed("<presence/>", consumed));
    BOOST_TEST(stream.lines == "presence lang=en\n");
}

BOOST_AUTO_TEST_CASE(a_stream_tells_its_content_namespace_by_its_default_or_by_a_prefix)
{
    const std::pair<std::string, std::string> cases[] = {
        {"xmlns='jabber:client'", " ns=jabber:client"},
        {"xmlns='jabber:server' xmlns:db='jabber:server:dialback'", " ns=jabber:server"},
        {"xmlns='jabber:component:accept'", " ns=jabber:component:accept"},
        {"xmlns='urn:else'", " ns=urn:else"},
        {"", ""},
        {"xmlns='http://etherx.jabber.org/streams'", ""},
        {"xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'", " ns=jabber:client"},
        {"xmlns:c='jabber:server'", " ns=jabber:server"},
    };
    for (const auto& [declarations, told] : cases) {
        StreamRecorder other{pool};
        BOOST_TEST(other.feed(
            "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' " + declarations +
            ">"));
        BOOST_TEST(other.text() == "open" + told + "\n");
    }
}

BOOST_AUTO_TEST_CASE(a_stanza_is_one_in_the_content_namespace)
{
    struct Case {
        std::string_view declarations;
        std::string_view element;
        bool stanza;
    };

    const Case cases[] = {
        {"xmlns='jabber:client'", "<message/>", true},
        {"xmlns='jabber:client'", "<message xmlns='jabber:client'/>", true},
        {"xmlns='jabber:client'", "<c:message xmlns:c='jabber:client'/>", true},
        {"xmlns='jabber:client'", "<message xmlns='jabber:server'/>", false},
        {"xmlns='jabber:client'", "<message xmlns=''/>", false},
        {"xmlns='jabber:client'", "<body/>", false},
        {"xmlns='jabber:client'", "<stream:message/>", false},
        {"xmlns='urn:else'", "<message/>", true},
        {"xmlns='http://etherx.jabber.org/streams'", "<message/>", false},
        {"xmlns='http://etherx.jabber.org/streams'", "<message xmlns='jabber:client'/>", true},
        {"xmlns:c='jabber:server'", "<c:iq type='get' id='1'/>", true},
        {"xmlns:c='jabber:server'", "<message/>", false},
    };
    for (const Case& each : cases) {
        StreamRecorder other{pool};
        BOOST_TEST(other.feed(
            "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' " +
            std::string{each.declarations} + ">"));
        other.lines.clear();
        BOOST_TEST(other.feed(each.element));
        BOOST_TEST(!other.lines.empty());
        BOOST_TEST(!other.lines.starts_with("element") == each.stanza, other.lines);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
