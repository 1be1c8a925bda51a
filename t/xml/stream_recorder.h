// SPDX-License-Identifier: Apache-2.0
// StreamRecorder: a stream parser whose events become lines of text, for tests to compare.
#pragma once

#include "xml/stream_parser.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

inline constexpr std::string_view client_header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' to='example.com' version='1.0' "
    "xml:lang='en'>";

class StreamRecorder final : public StreamEvents {
public:
    explicit StreamRecorder(ParserPool& pool, const ParserLimits& limits = usual_limits())
        : parser{pool, limits, *this}
    {}

    /// Feeds all, `step` bytes at a time. What the parser leaves is fed again, as a session does
    /// after a restart; false when it leaves everything.
    bool feed(std::string_view bytes, std::size_t step = static_cast<std::size_t>(-1))
    {
        while (!bytes.empty() && !error) {
            std::size_t consumed = 0;
            error = parser.feed(bytes.substr(0, step), consumed);
            if (consumed == 0) {
                return false;
            }
            bytes.remove_prefix(consumed);
        }
        return true;
    }

    /// The events so far, a line each, and the error.
    std::string text() const
    {
        return lines + (error ? "error " + std::string{name(error->condition)} + "\n" : "");
    }

    void stream_opened(const StreamHeader& header) override
    {
        lines += "open";
        add("to", header.to);
        add("from", header.from);
        add("id", header.id);
        add("version", header.version);
        add("lang", header.lang);
        add("ns", header.content_ns);
        finish("stream");
    }

    void stanza_parsed(ParsedStanza&& stanza) override
    {
        lines += name(stanza.kind);
        add("type", name(stanza.type));
        add("id", stanza.id);
        add("lang", stanza.lang);
        add("from", stanza.from.value_or(""));
        add("to", stanza.to.value_or(""));
        if (stanza.payload) {
            lines += ' ';
            lines += stanza.payload->bytes();
        }
        payload = stanza.payload;
        finish(name(stanza.kind));
    }

    void element_parsed(Element&& element) override
    {
        lines += "element " + element.str();
        finish(element.name());
    }

    void stream_closed() override
    {
        lines += "close";
        finish("close");
    }

    static const ParserLimits& usual_limits()
    {
        static const ParserLimits limits;
        return limits;
    }

    StreamParser parser;
    std::string lines;
    std::optional<StreamError> error;
    Ref<Payload> payload; ///< of the last stanza
    /// Called in each event with its name.
    std::function<void(std::string_view event)> in_event;

private:
    void add(std::string_view key, std::string_view value)
    {
        if (!value.empty()) {
            lines += ' ';
            lines += key;
            lines += '=';
            lines += value;
        }
    }

    void finish(std::string_view event)
    {
        lines += '\n';
        if (in_event) {
            in_event(event);
        }
    }
};

} // namespace sarang
