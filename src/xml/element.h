// SPDX-License-Identifier: Apache-2.0
// Element: a small XML tree of values, for what must be read or made from the inside. What is
// merely passed on stays bytes (xml/payload.h).
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "xml/ns.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sarang {

class SARANG_API Element {
public:
    struct Attribute {
        std::string ns; ///< empty for the usual kind; ns::xml for xml:lang
        std::string name;
        std::string value;
        bool operator==(const Attribute&) const = default;
    };

    using Node = std::variant<Element, std::string>;

    Element(std::string_view ns, std::string_view name)
        : ns_{ns}
        , name_{name}
    {}

    /// Reads one element from bytes that a StreamParser has found well-formed and self-contained.
    /// `content_ns` is the namespace of names without a declaration. An error (bad-request) only
    /// for bytes that never passed a parser.
    static Result<Element> read(std::string_view bytes, std::string_view content_ns = ns::client);

    const std::string& ns() const { return ns_; }

    const std::string& name() const { return name_; }

    bool is(std::string_view ns, std::string_view name) const { return ns_ == ns && name_ == name; }

    /// Empty when absent; has() tells the difference.
    std::string_view attribute(std::string_view name) const;
    std::string_view attribute(std::string_view ns, std::string_view name) const;
    bool has(std::string_view attribute) const;

    const std::vector<Attribute>& attributes() const { return attributes_; }

    Element& set(std::string_view name, std::string_view value);
    Element& set(std::string_view ns, std::string_view name, std::string_view value);

    /// Adds a child in this element's namespace, or in its own, and returns the child.
    Element& add(std::string_view name);
    Element& add(std::string_view ns, std::string_view name);
    Element& add(Element child);
    /// Adds text and returns this element.
    Element& text(std::string_view text);

    /// The text directly inside, joined.
    std::string text() const;

    /// The first child element with this name, or none.
    const Element* child(std::string_view ns, std::string_view name) const;
    /// The first child element at all, or none.
    const Element* child() const;
    std::vector<const Element*> children() const;

    const std::vector<Node>& nodes() const { return nodes_; }

    /// As XML; namespaces are declared where they differ from the parent's, outermost from
    /// `context` (pass ns::client for what goes inside a stanza).
    std::string str(std::string_view context = {}) const;
    void write(std::string& out, std::string_view context = {}) const;

    bool operator==(const Element&) const = default;

private:
    friend class ElementReader;

    std::string ns_;
    std::string name_;
    std::vector<Attribute> attributes_;
    std::vector<Node> nodes_;
};

} // namespace sarang
