// SPDX-License-Identifier: Apache-2.0
// PlainStanza: reads stanzas without Expat, as long as they are of the plain kind that nearly all
// are: whole, without prefixes, references in attributes, comments, sections or odd characters.
// Of what it takes Expat would say the same; what it does not take is for Expat to judge.
#pragma once

#include "base/api.h"
#include "xml/payload.h"
#include "xml/stream_parser.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace sarang {

class SARANG_API PlainStanza {
public:
    /// Reads the stanza that `bytes` begin with. False when it is none, or not a plain one, or not
    /// complete. Requires that the default namespace of the stream is that of its stanzas.
    bool read(std::string_view bytes, const ParserLimits& limits);

    /// Of the stanza that was read.
    std::size_t size() const { return place_; }

    /// The stanza that was read, in views of its bytes. `lang` is that of the stream.
    ParsedStanza stanza(std::string_view lang) const;

private:
    struct Attribute {
        std::string_view name;
        std::string_view value;
    };

    struct Head {
        std::optional<std::string_view> to;
        std::optional<std::string_view> from;
        std::optional<std::string_view> lang;
        std::string_view id;
        std::string_view type;
    };

    struct Open {
        std::string_view name;
        std::string_view ns; ///< none: that of the stanza
    };

    bool read_stanza_tag();
    void keep_head();
    bool read_content();
    bool read_tag(std::size_t begin);
    bool read_closing_tag(std::size_t begin);
    bool open(std::string_view name, std::size_t begin);
    void close();
    bool within_limits() const;

    bool read_attributes();
    bool read_attribute();
    std::optional<std::string_view> read_value();
    std::string_view read_name();
    bool skip_text();
    bool skip_reference();
    bool skip_wide();
    bool skip(char expected);
    bool skip(std::string_view expected);

    bool at_end() const { return place_ == bytes_.size(); }

    std::string_view bytes_;
    std::size_t place_ = 0;
    const ParserLimits* limits_ = nullptr;

    // Of the tag that was read last:
    std::vector<Attribute> attributes_;
    std::optional<std::string_view> declared_; ///< default namespace

    // Of the stanza:
    Kind kind_ = Kind::message;
    Head head_;
    std::vector<Open> open_; ///< the elements that are open, the stanza first
    std::size_t elements_ = 0;
    std::size_t names_ = 0; ///< at least the bytes of all names, namespaces expanded
    std::size_t payload_ = 0;
    std::size_t payload_end_ = 0;
    std::vector<Payload::ChildSpan> children_;
};

} // namespace sarang
