// SPDX-License-Identifier: Apache-2.0
// StreamParser: turns the bytes of one XML stream (RFC 6120 §4, §11) into stanzas and elements.
// Between two of these it holds no Expat parser: that one stands at depth 1, is interchangeable
// among all streams whose root declares the same namespaces, and rests in the shard's ParserPool.
#pragma once

#include "base/api.h"
#include "base/error.h"
#include "base/refcount.h"
#include "xml/element.h"
#include "xml/payload.h"
#include "xml/stanza.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

class Root;
class Scanner;

/// The bounds of one stream's XML; what passes them ends the stream with policy-violation.
struct ParserLimits {
    std::size_t stanza_bytes = 512 * 1024; ///< of one first-level element, and of the stream header
    std::size_t depth = 128;               ///< of elements, the stream's root counted
    std::size_t attributes = 256;          ///< of one element, and namespaces declared at one place
    std::size_t children = 4096;           ///< elements in one stanza, at all depths
    std::size_t parser_bytes = 8 * 1024 * 1024; ///< what Expat may allocate for one stanza
    std::size_t plain_bytes = 16 * 1024;        ///< of a stanza that may do without Expat; 0: none
};

/// The opening tag of a stream. Views live for the call that passes it.
struct StreamHeader {
    std::string_view to;
    std::string_view from;
    std::string_view id;
    std::string_view version;
    std::string_view lang;
    /// The default namespace, e.g. jabber:client. When that is none or the stream's own: the
    /// content namespace that a prefix stands for, if there is one.
    std::string_view content_ns;
};

/// A stanza whose addresses have not been looked at yet. Views live for the call.
struct ParsedStanza {
    Kind kind;
    Type type;
    std::string_view id;
    std::string_view lang; ///< of the stanza, or the stream's when it has none
    std::optional<std::string_view> from;
    std::optional<std::string_view> to;
    Ref<Payload> payload; ///< none when nothing is inside
};

/// Whom a parser tells. A handler may call StreamParser::stop(), ::restart() and ::use().
class SARANG_API StreamEvents {
public:
    virtual void stream_opened(const StreamHeader& header) = 0;
    virtual void stanza_parsed(ParsedStanza&& stanza) = 0;
    /// A first-level element that is no stanza: features, auth, r, enable …
    virtual void element_parsed(Element&& element) = 0;
    virtual void stream_closed() = 0;

protected:
    ~StreamEvents() = default;
};

/// The Expat parsers of one shard. Not thread-safe.
class SARANG_API ParserPool {
public:
    static constexpr std::size_t max_idle = 64;

    ParserPool();
    ~ParserPool();
    ParserPool(const ParserPool&) = delete;
    ParserPool& operator=(const ParserPool&) = delete;

    std::size_t idle() const;
    /// Bytes that all parsers of this pool hold, in use or idle.
    std::size_t bytes() const;

private:
    friend class Scanner;
    friend class StreamParser;
    class State;
    std::unique_ptr<State> state_;
};

class SARANG_API StreamParser {
public:
    /// `pool`, `limits` and `events` must outlive the parser.
    StreamParser(ParserPool& pool, const ParserLimits& limits, StreamEvents& events);
    ~StreamParser();
    StreamParser(const StreamParser&) = delete;
    StreamParser& operator=(const StreamParser&) = delete;

    /// Parses. Returns the error that ends the stream, if any; nothing may be fed after one.
    /// `consumed` is less than bytes.size() only after stop() or restart().
    std::optional<StreamError> feed(std::string_view bytes, std::size_t& consumed);

    /// From inside an event: no more events from the bytes being fed; feed() returns at the end
    /// of the current element.
    void stop();

    /// From inside an event or outside: what follows the current element is a new stream.
    void restart();

    /// Other bounds from the next element on (after log-in).
    void use(const ParserLimits& limits);
    /// Another shard's pool, and perhaps another receiver. Requires to be between two elements.
    void move_to(ParserPool& pool, StreamEvents& events);

    /// True when no parser and no bytes are held.
    bool idle() const;
    /// Bytes of an unfinished element.
    std::size_t pending() const;

private:
    friend class Scanner;

    bool take_plain(std::string_view& bytes);
    std::optional<StreamError> scan(std::string_view bytes, std::size_t& left);

    ParserPool* pool_;
    const ParserLimits* limits_;
    StreamEvents* events_;
    Ref<Root> root_;                   ///< none before the stream is open
    std::string lang_;                 ///< the stream's
    std::unique_ptr<Scanner> scanner_; ///< absent while idle
    bool feeding_ = false;
    bool stopping_ = false;
    bool restarting_ = false;
    bool closed_ = false; ///< by its end or by an error
};

} // namespace sarang
