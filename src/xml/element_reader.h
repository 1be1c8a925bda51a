// SPDX-License-Identifier: Apache-2.0
// ElementReader: makes a tree of bytes that an Expat parser has found well-formed. It trusts
// them for nothing but that: on any other bytes it fails, or makes some tree, within its bounds.
#pragma once

#include "xml/element.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// A prefix (empty: the default one) and what it stands for.
struct Declaration {
    std::string prefix;
    std::string uri;
    bool operator==(const Declaration&) const = default;
};

class ElementReader {
public:
    static constexpr std::size_t max_depth = 512;
    static constexpr std::size_t max_declarations = 1024;      ///< in force at one place
    static constexpr std::size_t max_names = 64 * 1024 * 1024; ///< bytes, namespaces expanded

    /// `scope` is in force around the element.
    ElementReader(std::string_view bytes, std::span<const Declaration> scope);

    /// Reads content namespaces as ns::client, wherever an element has such a parent or none.
    void merge_content() { merge_content_ = true; }

    /// The element that the bytes are, or none.
    std::optional<Element> read();

private:
    struct Tag; ///< an opening tag, not resolved yet

    bool read_content();
    bool read_markup();
    bool read_text();
    bool read_section();
    bool open();
    bool close();

    bool read_tag(Tag& tag);
    bool read_attribute(Tag& tag);
    bool declare(std::string_view name, std::string_view value);
    std::optional<std::string_view> resolve(std::string_view prefix) const;
    bool place(Tag& tag);

    std::string_view read_name();
    bool skip_space();
    bool skip(std::string_view expected);
    bool expand(std::string_view raw, bool attribute, std::string& out) const;

    std::string_view rest_;
    std::vector<Declaration> declarations_;
    std::vector<std::size_t> marks_; ///< of declarations_, one an open element
    std::optional<Element> root_;
    std::vector<Element*> open_;
    std::vector<std::string_view> names_; ///< of the open elements, as they are written
    std::size_t names_size_ = 0;
    bool merge_content_ = false;
};

} // namespace sarang
