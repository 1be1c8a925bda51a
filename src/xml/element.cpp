// SPDX-License-Identifier: Apache-2.0
#include "xml/element.h"

#include "xml/element_reader.h"
#include "xml/writer.h"

#include <algorithm>
#include <array>

namespace sarang {
namespace {

const Element::Attribute*
find(const std::vector<Element::Attribute>& attributes, std::string_view ns, std::string_view name)
{
    const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& each) {
        return each.name == name && each.ns == ns;
    });
    return found == attributes.end() ? nullptr : &*found;
}

/// A foreign namespace gets a prefix of its own, declared on the same tag.
void write_foreign(std::string& out, const Element::Attribute& attribute, std::size_t number)
{
    const std::string prefix = "a" + std::to_string(number);
    write_attribute(out, "xmlns:" + prefix, attribute.ns);
    write_attribute(out, prefix + ':' + attribute.name, attribute.value);
}

void write_attributes(std::string& out, const std::vector<Element::Attribute>& attributes)
{
    std::size_t foreign = 0;
    for (const Element::Attribute& attribute : attributes) {
        if (attribute.ns.empty()) {
            write_attribute(out, attribute.name, attribute.value);
        } else if (attribute.ns == ns::xml) {
            write_attribute(out, "xml:" + attribute.name, attribute.value);
        } else {
            write_foreign(out, attribute, foreign++);
        }
    }
}

} // namespace

Result<Element> Element::read(std::string_view bytes, std::string_view content_ns)
{
    const std::array scope{Declaration{{}, std::string{content_ns}}};
    auto element = ElementReader{bytes, scope}.read();
    if (!element) {
        return fail(Condition::bad_request, "The XML cannot be read");
    }
    return std::move(*element);
}

std::string_view Element::attribute(std::string_view name) const
{
    return attribute({}, name);
}

std::string_view Element::attribute(std::string_view ns, std::string_view name) const
{
    const Attribute* const found = find(attributes_, ns, name);
    return found != nullptr ? std::string_view{found->value} : std::string_view{};
}

bool Element::has(std::string_view attribute) const
{
    return find(attributes_, {}, attribute) != nullptr;
}

Element& Element::set(std::string_view name, std::string_view value)
{
    return set({}, name, value);
}

Element& Element::set(std::string_view ns, std::string_view name, std::string_view value)
{
    const auto found = std::find_if(attributes_.begin(), attributes_.end(), [&](const auto& each) {
        return each.name == name && each.ns == ns;
    });
    if (found != attributes_.end()) {
        found->value = value;
    } else {
        attributes_.push_back({std::string{ns}, std::string{name}, std::string{value}});
    }
    return *this;
}

Element& Element::add(std::string_view name)
{
    return add(Element{ns_, name});
}

Element& Element::add(std::string_view ns, std::string_view name)
{
    return add(Element{ns, name});
}

Element& Element::add(Element child)
{
    return std::get<Element>(nodes_.emplace_back(std::move(child)));
}

Element& Element::text(std::string_view text)
{
    if (text.empty()) {
        return *this;
    }
    if (nodes_.empty() || !std::holds_alternative<std::string>(nodes_.back())) {
        nodes_.emplace_back(std::string{});
    }
    std::get<std::string>(nodes_.back()) += text;
    return *this;
}

std::string Element::text() const
{
    std::string joined;
    for (const Node& node : nodes_) {
        if (const auto* text = std::get_if<std::string>(&node)) {
            joined += *text;
        }
    }
    return joined;
}

const Element* Element::child(std::string_view ns, std::string_view name) const
{
    for (const Node& node : nodes_) {
        const auto* element = std::get_if<Element>(&node);
        if (element != nullptr && element->is(ns, name)) {
            return element;
        }
    }
    return nullptr;
}

const Element* Element::child() const
{
    for (const Node& node : nodes_) {
        if (const auto* element = std::get_if<Element>(&node)) {
            return element;
        }
    }
    return nullptr;
}

std::vector<const Element*> Element::children() const
{
    std::vector<const Element*> found;
    for (const Node& node : nodes_) {
        if (const auto* element = std::get_if<Element>(&node)) {
            found.push_back(element);
        }
    }
    return found;
}

std::string Element::str(std::string_view context) const
{
    std::string out;
    write(out, context);
    return out;
}

void Element::write(std::string& out, std::string_view context) const
{
    // This namespace has its one prefix and may not be a default (XML Names 1.0 §3).
    const bool reserved = ns_ == ns::xml;
    const std::string_view prefix = reserved ? "xml:" : "";
    const std::string_view inner = reserved ? context : std::string_view{ns_};

    out += '<';
    out += prefix;
    out += name_;
    if (inner != context) {
        write_attribute(out, "xmlns", inner);
    }
    write_attributes(out, attributes_);
    if (nodes_.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    for (const Node& node : nodes_) {
        if (const auto* text = std::get_if<std::string>(&node)) {
            escape_text(out, *text);
        } else {
            std::get<Element>(node).write(out, inner);
        }
    }
    out += "</";
    out += prefix;
    out += name_;
    out += '>';
}

} // namespace sarang
