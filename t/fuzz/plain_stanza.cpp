// SPDX-License-Identifier: Apache-2.0
// Plain stanzas: with and without the reader that spares Expat, a stream has the same events,
// payloads, children and error, however its bytes are cut. The first two bytes say how to cut,
// and which header and limits the stream has.

#include "xml/stream_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../xml/stream_recorder.h"

namespace {

using namespace sarang;

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

std::string header(unsigned kind)
{
    const std::string begin = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' ";
    switch (kind % 4) {
    case 0:
        return begin + "xmlns='jabber:server'>";
    case 1:
        return begin + "xmlns='jabber:client' xmlns:a='urn:a' xmlns:c='jabber:client'>";
    case 2:
        return begin + "xmlns='urn:a' xmlns:c='jabber:client'>";
    default:
        return std::string{client_header};
    }
}

ParserLimits limits(unsigned kind)
{
    ParserLimits limits;
    limits.stanza_bytes = 2000;
    limits.depth = kind % 2 == 0 ? 20 : 5;
    limits.attributes = kind % 2 == 0 ? 20 : 4;
    limits.children = kind % 2 == 0 ? 50 : 8;
    limits.plain_bytes = 1000;
    return limits;
}

/// A stream, its events, and the children of its stanzas.
class Reading {
public:
    explicit Reading(const ParserLimits& limits)
        : stream_{pool_, limits}
    {
        stream_.in_event = [this](std::string_view event) { note(event); };
    }

    void open(std::string_view header) { require(stream_.feed(header)); }

    /// Feeds pieces whose sizes the seed decides. The text after each tells what was known then.
    void feed(std::string_view bytes, std::uint32_t seed)
    {
        while (!bytes.empty() && !stream_.error) {
            seed = seed * 1664525U + 1013904223U;
            const std::size_t size = seed % 128U < 8U ? bytes.size() : (seed >> 16U) % 97U + 1U;
            require(stream_.feed(bytes.substr(0, size)));
            bytes.remove_prefix(std::min(size, bytes.size()));
            stream_.lines += "-\n";
        }
    }

    /// The events, with a mark behind each piece of the bytes. An error may be found a piece
    /// earlier or later: how much is withheld from Expat depends on where it began.
    std::string events() const
    {
        std::string text = stream_.lines;
        while (stream_.error && text.ends_with("-\n")) {
            text.resize(text.size() - 2);
        }
        return text;
    }

    std::string text() const
    {
        return stream_.lines + (stream_.error ? stream_.error->text : std::string{}) +
               "\npending " + std::to_string(pending()) + "\n";
    }

    const std::optional<StreamError>& error() const { return stream_.error; }

    std::size_t pending() const { return stream_.parser.pending(); }

private:
    void note(std::string_view event)
    {
        if (event == "restart") {
            stream_.parser.restart();
        } else if (event == "iq") {
            stream_.parser.stop();
        }
        const Ref<Payload> payload = std::exchange(stream_.payload, {});
        for (std::size_t i = 0; payload && i < payload->size(); ++i) {
            const Payload::Child child = payload->child(i);
            stream_.lines += "  {" + std::string{child.ns} + "}" + std::string{child.name} + " " +
                             std::string{child.bytes} + "\n";
        }
    }

    ParserPool pool_;
    StreamRecorder stream_;
};

bool is_of_bytes(const StreamError& error)
{
    return error.condition == StreamCondition::not_well_formed ||
           error.condition == StreamCondition::unsupported_encoding;
}

/// The work that the pieces themselves are is not the same with both.
bool is_of_pieces(const std::optional<StreamError>& error)
{
    return error && error->text.ends_with("too many pieces");
}

/// Where bytes are wrong in themselves, something else may be wrong before them in the same text,
/// and which of both is seen depends on how the text is cut.
bool same(const std::optional<StreamError>& a, const std::optional<StreamError>& b)
{
    if (!a || !b) {
        return a.has_value() == b.has_value();
    }
    return a->text == b->text || is_of_bytes(*a) || is_of_bytes(*b);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    if (size < 2) {
        return 0;
    }
    const std::string_view input{reinterpret_cast<const char*>(bytes) + 2, size - 2};
    const std::string before = header(bytes[1]);
    const ParserLimits bounds = limits(bytes[1] / 4U);
    ParserLimits expat_alone = bounds;
    expat_alone.plain_bytes = 0;

    Reading quick{bounds};
    Reading sure{expat_alone};
    for (Reading* reading : {&quick, &sure}) {
        reading->open(before);
        reading->feed(input, bytes[0]);
        reading->feed(">>>>", bytes[0]); // brings out what may be wrong in bytes that are withheld
    }
    if (is_of_pieces(quick.error()) || is_of_pieces(sure.error())) {
        return 0;
    }
    if (quick.events() != sure.events() || !same(quick.error(), sure.error()) ||
        quick.pending() != sure.pending()) {
        std::cerr << quick.text() << "\nBy Expat alone:\n" << sure.text() << std::endl;
        std::abort();
    }
    return 0;
}
