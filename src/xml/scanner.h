// SPDX-License-Identifier: Apache-2.0
// Scanner: an Expat parser with its handlers. It stands in the lobby, an outermost element of
// ours, and enters and leaves the roots of streams from there: an opening and a closing tag make
// it ready for another stream, which is cheaper than resetting it and keeps what it allocated.
#pragma once

#include "base/error.h"
#include "xml/expat.h"
#include "xml/root.h"
#include "xml/stanza_draft.h"
#include "xml/stream_parser.h"

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Scanner {
public:
    /// `total` counts the bytes of all scanners of a pool.
    explicit Scanner(std::size_t& total);

    /// The root in which it stands; none in the lobby.
    const Ref<Root>& root() const { return root_; }

    /// Enters another root without telling anyone. Requires that it is reusable().
    void enter(const Ref<Root>& root);

    /// Parses. `left` is the number of bytes at the end that were not taken: only when it was
    /// stopped, is worn(), or has finished what had come in pieces.
    std::optional<StreamError>
    feed(StreamParser& stream, std::string_view bytes, std::size_t& left);

    /// Stands between two elements and could go on in any stream.
    bool reusable() const;

    /// Has grown so that it should be freed rather than used again.
    bool worn() const { return expat_.bytes() > keep_bytes; }

    /// Bytes of an element that is not complete.
    std::size_t pending() const { return buffer_.size(); }

    /// Holds something of its stream: part of an element, or that its XML declaration was seen,
    /// which must not be remembered of another stream in the lobby.
    bool busy() const { return !buffer_.empty() || (depth_ == 0 && declared_); }

    std::size_t bytes() const { return expat_.bytes(); }

    void shrink();

private:
    friend struct ScannerHandlers;

    static constexpr std::size_t keep_bytes = 64 * 1024;

    // What Expat calls:
    void start(const char* name, const char** attributes);
    void end();
    void text(std::string_view text);
    void declare(const char* prefix, const char* uri);
    void withdraw(const char* prefix);

    void open_root(const TripletName& name, const char** attributes);
    void close_root();
    void open_element(const TripletName& name, const char** attributes);
    void close_element();
    void open_inner(const TripletName& name, const char** attributes);
    void close_inner();
    bool within_limits(const TripletName& name, const char** attributes);

    void deliver_stanza(std::string_view bytes, std::size_t payload_end);
    void deliver_element(std::string_view bytes);
    Ref<Payload> rewrite(std::string_view bytes);

    /// Ends the stream.
    void refuse(StreamCondition condition, std::string_view text);
    /// After something was told to the stream: stops if it asked for that.
    void pause(std::size_t place);

    /// Nothing is open but the root, and no part of a token is waiting.
    bool between() const;

    std::size_t taken() const { return expat_.given() - origin_; }

    bool prepare();
    bool skip_declaration();
    std::size_t wanted(std::string_view fresh);
    std::size_t likely_end(std::string_view news) const;
    bool give_to(std::size_t end);
    void keep_rest();
    const ParserLimits& limits() const;

    std::size_t end_of_event() const { return expat_.place() + expat_.event_size(); }

    void diagnose();
    void diagnose_token();

    Expat expat_;
    Ref<Root> root_;
    StreamParser* stream_ = nullptr; ///< while it is being fed
    std::exception_ptr exception_;   ///< of a receiver, to be thrown outside Expat
    std::optional<StreamError> error_;

    // The bytes at hand: those of the call, or the buffer when an element came in pieces.
    std::string_view view_;
    std::string buffer_;
    std::size_t origin_ = 0;          ///< the place of view_'s first byte
    std::size_t rescanned_ = 0;       ///< bytes that Expat looked at again in this element
    std::optional<std::size_t> stop_; ///< the place where it was stopped
    bool yields_ = false;  ///< at the end of the element: it came in pieces, the next may be plain
    unsigned guesses_ = 0; ///< left in this call at where it ends

    bool declared_ = false; ///< the XML declaration of this stream was seen
    std::size_t depth_ = 0; ///< of open elements, the stream's root counted
    std::vector<Declaration> declarations_;

    StanzaDraft draft_;
    const ParserLimits* limits_ = nullptr; ///< of the element that is open
    std::size_t begin_ = 0;                ///< its place
    std::size_t elements_ = 0;             ///< within it
    std::size_t names_ = 0;                ///< bytes of names within it, namespaces expanded
};

} // namespace sarang
