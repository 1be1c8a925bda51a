// SPDX-License-Identifier: Apache-2.0
// StanzaDraft: what a parser has learnt of a first-level element so far: the head of a stanza,
// the places of its children, and whether its payload may be passed on as the bytes that came.
#pragma once

#include "xml/expat.h"
#include "xml/payload.h"
#include "xml/root.h"
#include "xml/stanza.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class StanzaDraft {
public:
    /// The attributes of a stanza that make its head.
    enum class Part : std::uint8_t { from, to, id, type, lang };

    /// Begins an element; `attributes` as Expat gives them. Places count from its first byte.
    void begin(const Root& root, const TripletName& name, const char** attributes);

    /// The place after the opening tag.
    void begin_payload(std::size_t place) { payload_ = place; }

    // Within the element:

    void declare(const char* prefix);
    void withdraw(const char* prefix);
    /// Takes note of an element `level` deep in the payload, its direct children being 1 deep.
    void open(std::size_t level, const TripletName& name, const char** attributes);
    void open_child(std::size_t place, std::string_view tag, const TripletName& name);
    void close(std::size_t level);

    void close_child(std::size_t end) { children_.back().end = end; }

    bool is_stanza() const { return kind_.has_value(); }

    /// Requires is_stanza().
    Kind kind() const { return *kind_; }

    std::optional<std::string_view> part(Part part) const;

    std::size_t declarations() const { return prefixes_.size() + defaults_; }

    /// True when the payload means the same below any stanza tag of any stream.
    bool portable() const { return portable_; }

    /// From the bytes of the whole element. Requires portable().
    Ref<Payload> payload(std::string_view element, std::size_t payload_end);

    /// Gives memory back that an unusual stanza took.
    void shrink();

private:
    struct Span {
        std::size_t offset = 0;
        std::size_t size = 0;
        bool present = false;
    };

    struct Child {
        std::size_t begin;
        std::size_t end;
        std::size_t name; ///< its place
        std::size_t name_size;
        std::size_t ns; ///< its place, or in other_
        std::size_t ns_size;
        bool ns_in_other;
    };

    void keep(Part part, std::string_view value);
    bool declares(std::string_view prefix) const;
    bool is_content(std::string_view ns) const;

    const Root* root_ = nullptr;
    std::optional<Kind> kind_;
    std::string head_; ///< the parts, one after the other
    std::array<Span, 5> parts_;

    std::size_t payload_ = 0;
    std::vector<Child> children_;
    std::string other_; ///< namespaces that are not verbatim in a child's tag
    std::vector<Payload::ChildSpan> spans_;

    std::vector<std::string> prefixes_; ///< declared in the payload, in force
    std::size_t defaults_ = 0;          ///< default namespaces declared in the payload, in force
    std::size_t content_level_ = 0;     ///< down to here all are plain content elements
    bool portable_ = true;
};

} // namespace sarang
