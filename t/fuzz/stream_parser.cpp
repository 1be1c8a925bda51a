// SPDX-License-Identifier: Apache-2.0
// The stream parser: the same events however the bytes are cut, payloads that mean the same on
// every kind of stream, children that can be read as trees. The first two bytes say how to cut
// and what comes before: nothing, or the header of a stream.

#include "xml/stream_parser.h"

#include "xml/writer.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
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

std::string header(unsigned char kind)
{
    const std::string begin = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' ";
    switch (kind % 6) {
    case 0:
        return {};
    case 1:
        return begin + "xmlns='jabber:server'>";
    case 2:
        return begin + "xmlns:a='urn:a' xmlns='http://etherx.jabber.org/streams'>";
    case 3:
        return begin + "xmlns='jabber:client' xmlns:a='urn:a' xmlns:c='jabber:client'>";
    default:
        return std::string{client_header};
    }
}

ParserLimits limits()
{
    ParserLimits limits;
    limits.stanza_bytes = 2000;
    limits.depth = 20;
    limits.attributes = 20;
    limits.children = 50;
    return limits;
}

/// Where a tag breaks off within a character, two things are wrong, and Expat may see either.
bool is_of_bytes(const StreamError& error)
{
    return error.condition == StreamCondition::not_well_formed ||
           error.condition == StreamCondition::unsupported_encoding;
}

/// Writes a payload into another kind of stream, where it has to stay as it is.
class Relay final : public StreamEvents {
public:
    explicit Relay(std::string_view content_ns)
        : content_ns_{content_ns}
    {}

    void check(const Ref<Payload>& payload)
    {
        Stanza stanza;
        stanza.payload = payload;
        std::string bytes =
            "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='";
        bytes += content_ns_;
        bytes += "'>";
        write_stanza(bytes, stanza);
        const ParserLimits wide;
        StreamParser parser{pool_, wide, *this};
        std::size_t consumed = 0;
        require(!parser.feed(bytes, consumed));
        require(payload_ && payload_->bytes() == payload->bytes());
        require(payload_->size() == payload->size());
    }

private:
    void stream_opened(const StreamHeader&) override {}

    void stanza_parsed(ParsedStanza&& stanza) override { payload_ = stanza.payload; }

    void element_parsed(Element&&) override { require(false); }

    void stream_closed() override {}

    std::string_view content_ns_;
    ParserPool pool_;
    Ref<Payload> payload_;
};

void check(const Ref<Payload>& payload)
{
    Relay{"jabber:client"}.check(payload);
    Relay{"jabber:server"}.check(payload);
    for (std::size_t i = 0; i < payload->size(); ++i) {
        const Payload::Child child = payload->child(i);
        const auto element = Element::read(child.bytes);
        require(element.has_value());
        require(element->name() == child.name);
        if (child.ns.empty()) {
            require(element->ns() == "jabber:client");
        } else if (child.ns == Payload::no_namespace) {
            require(element->ns().empty());
        } else {
            require(element->ns() == child.ns);
        }
        require(payload->find(child.ns, child.name).value_or(i + 1) <= i);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    if (size < 2) {
        return 0;
    }
    // What the parser still withholds from Expat, or Expat from us, might have an error: this
    // brings it out.
    const std::string input =
        std::string{reinterpret_cast<const char*>(bytes) + 2, size - 2} + ">>>>";
    const std::size_t step = bytes[0] % 32U + 1U;
    const std::string before = header(bytes[1]);
    const ParserLimits bounds = limits();

    ParserPool pool;
    StreamRecorder whole{pool, bounds};
    whole.in_event = [&](std::string_view event) {
        if (event == "restart") {
            whole.parser.restart();
        } else if (whole.payload) {
            check(std::exchange(whole.payload, {}));
        }
    };
    require(whole.feed(before));
    require(whole.feed(input));

    StreamRecorder pieces{pool, bounds};
    pieces.in_event = [&](std::string_view event) {
        if (event == "restart") {
            pieces.parser.restart();
        }
    };
    require(pieces.feed(before));
    require(pieces.feed(input, step));
    if (pieces.error && pieces.error->condition == StreamCondition::policy_violation) {
        return 0; // perhaps of the pieces themselves: they are work
    }
    require(whole.lines == pieces.lines);
    require(whole.error.has_value() == pieces.error.has_value());
    if (whole.error && !is_of_bytes(*whole.error)) {
        require(whole.error->condition == pieces.error->condition);
    }
    require(whole.parser.pending() == pieces.parser.pending());
    return 0;
}
