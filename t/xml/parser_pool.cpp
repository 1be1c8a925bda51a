// SPDX-License-Identifier: Apache-2.0
#include "xml/stream_parser.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

#include "stream_recorder.h"

namespace sarang {
namespace {

std::string header_with(const std::string& declarations)
{
    return "<stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' " +
           declarations + ">";
}

using Streams = std::vector<std::unique_ptr<StreamRecorder>>;

Streams open_streams(ParserPool& pool, int count)
{
    Streams streams;
    for (int i = 0; i < count; ++i) {
        streams.push_back(std::make_unique<StreamRecorder>(pool));
        streams.back()->feed(client_header);
    }
    return streams;
}

BOOST_AUTO_TEST_SUITE(parser_pool)

BOOST_AUTO_TEST_CASE(a_thousand_streams_share_a_few_parsers)
{
    ParserPool pool;
    const Streams streams = open_streams(pool, 1000);
    for (const auto& stream : streams) {
        stream->feed("<presence/>");
        BOOST_TEST(stream->parser.idle());
    }
    BOOST_TEST(pool.idle() <= 10);
    BOOST_TEST(pool.bytes() <= 10 * 16 * 1024);
}

BOOST_AUTO_TEST_CASE(parsers_do_not_mix_the_namespaces_of_streams)
{
    ParserPool pool;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 100; ++i) {
            const std::string uri = "urn:" + std::to_string(i);
            StreamRecorder stream{pool};
            stream.feed(header_with("xmlns:a='" + uri + "'"));
            stream.lines.clear();
            stream.feed("<a:b/>");
            BOOST_TEST(stream.text() == "element <b xmlns='" + uri + "'/>\n");
            stream.feed("<b:b/>");
            BOOST_TEST(stream.error.has_value());
        }
    }
    BOOST_TEST(pool.idle() <= ParserPool::max_idle);
}

BOOST_AUTO_TEST_CASE(the_order_of_declarations_does_not_matter)
{
    ParserPool pool;
    StreamRecorder first{pool};
    first.feed(header_with("xmlns:a='urn:a' xmlns:b='urn:b'"));
    BOOST_TEST(pool.idle() == 1);
    StreamRecorder second{pool};
    second.feed(header_with("xmlns:b='urn:b' xmlns:a='urn:a'"));
    const std::size_t idle = pool.idle();
    second.feed("<a:x/>");
    first.feed("<a:x/>");
    BOOST_TEST(pool.idle() == idle);
}

BOOST_AUTO_TEST_CASE(an_xml_declaration_that_came_alone_is_no_other_stream_s)
{
    ParserPool pool;
    const std::string declaration = "<?xml version='1.0'?>";
    StreamRecorder first{pool};
    StreamRecorder second{pool};
    BOOST_TEST(first.feed(declaration));
    BOOST_TEST(second.feed(client_header));
    BOOST_TEST(first.feed(declaration)); // once is enough
    BOOST_TEST(first.text() == "error restricted-xml\n");
    BOOST_TEST(!second.error);
}

BOOST_AUTO_TEST_CASE(at_most_64_parsers_rest)
{
    ParserPool pool;
    Streams streams = open_streams(pool, 200);
    for (const auto& stream : streams) {
        stream->feed("<message>");
    }
    const std::size_t busy = pool.bytes();
    BOOST_TEST(busy > 200 * 4 * 1024);
    for (const auto& stream : streams) {
        stream->feed("</message>");
    }
    BOOST_TEST(pool.idle() == ParserPool::max_idle);
    BOOST_TEST(pool.bytes() < busy / 2);
}

BOOST_AUTO_TEST_CASE(a_stream_that_ends_within_a_stanza_takes_its_parser_along)
{
    ParserPool pool;
    Streams streams = open_streams(pool, 1);
    const std::size_t before = pool.bytes();
    streams.front()->feed("<message><body>");
    streams.clear();
    BOOST_TEST(pool.bytes() < before);
}

BOOST_AUTO_TEST_CASE(names_do_not_accumulate_across_stanzas)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(client_header);
    for (int i = 0; i < 300'000; i += 100) {
        std::string stanza = "<message>";
        for (int k = 0; k < 100; ++k) {
            stanza += "<name" + std::to_string(i + k) + "/>";
        }
        stream.feed(stanza + "</message>");
        stream.lines.clear();
        BOOST_REQUIRE(pool.bytes() < 256 * 1024);
    }
    BOOST_TEST(!stream.error);
}

BOOST_AUTO_TEST_CASE(names_do_not_accumulate_in_a_stream_that_never_rests)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(client_header);
    stream.feed("<message");
    for (int i = 0; i < 300'000; i += 100) {
        std::string stanza = ">";
        for (int k = 0; k < 100; ++k) {
            stanza += "<name" + std::to_string(i + k) + "/>";
        }
        stream.feed(stanza + "</message><message");
        stream.lines.clear();
        BOOST_REQUIRE(!stream.parser.idle());
        BOOST_REQUIRE(pool.bytes() < 256 * 1024);
    }
    BOOST_TEST(!stream.error);
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_big_stanza_comes_back)
{
    ParserPool pool;
    StreamRecorder stream{pool};
    stream.feed(client_header);
    const std::size_t before = pool.bytes();
    stream.feed("<message a='" + std::string(300'000, 'x') + "'");
    BOOST_TEST(pool.bytes() > 300'000);
    stream.feed("/>");
    BOOST_TEST(stream.parser.idle());
    BOOST_TEST(pool.bytes() <= before + 16 * 1024);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
