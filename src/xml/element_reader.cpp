// SPDX-License-Identifier: Apache-2.0
#include "xml/element_reader.h"

#include "xml/ns.h"
#include "xml/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sarang {
namespace {

constexpr bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr std::string_view name_ends = " \n\t\r/>=<\"'&";

struct QualifiedName {
    std::string_view prefix;
    std::string_view local;
};

QualifiedName split(std::string_view name)
{
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) {
        return {{}, name};
    }
    return {name.substr(0, colon), name.substr(colon + 1)};
}

/// XML 1.0 §2.2, production [2].
bool is_character(std::uint32_t point)
{
    if (point < 0x20) {
        return point == '\t' || point == '\n' || point == '\r';
    }
    return point <= 0xD7FF || (point >= 0xE000 && point <= 0xFFFD) ||
           (point >= 0x10000 && point <= 0x10FFFF);
}

/// Appends what `&name;` stands for.
bool append_reference(std::string_view name, std::string& out)
{
    constexpr std::array<std::pair<std::string_view, char>, 5> predefined{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [entity, character] : predefined) {
        if (entity == name) {
            out += character;
            return true;
        }
    }
    if (name.size() < 2 || name.front() != '#') {
        return false;
    }
    const bool hexadecimal = name[1] == 'x';
    name.remove_prefix(hexadecimal ? 2 : 1);
    std::uint32_t point = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data(), end, point, hexadecimal ? 16 : 10);
    if (parsed.ec != std::errc{} || parsed.ptr != end || !is_character(point)) {
        return false;
    }
    append_utf8(out, point);
    return true;
}

/// Line ends become one '\n' each (XML 1.0 §2.11), or a space within an attribute (§3.3.3).
void append_white(std::string_view& raw, bool attribute, std::string& out)
{
    const bool pair = raw.starts_with("\r\n");
    const char c = raw.front() == '\r' ? '\n' : raw.front();
    out += attribute ? ' ' : c;
    raw.remove_prefix(pair ? 2 : 1);
}

} // namespace

struct ElementReader::Tag {
    struct Attribute {
        std::string_view name;
        std::string value;
    };

    std::string_view name;
    std::vector<Attribute> attributes;
    bool empty = false;
};

ElementReader::ElementReader(std::string_view bytes, std::span<const Declaration> scope)
    : rest_{bytes}
    , declarations_{scope.begin(), scope.end()}
{}

std::optional<Element> ElementReader::read()
{
    if (!rest_.starts_with('<') || !open()) {
        return std::nullopt;
    }
    while (!open_.empty()) {
        if (!read_content()) {
            return std::nullopt;
        }
    }
    return rest_.empty() ? std::move(root_) : std::nullopt;
}

bool ElementReader::read_content()
{
    if (rest_.empty()) {
        return false;
    }
    return rest_.front() == '<' ? read_markup() : read_text();
}

bool ElementReader::read_markup()
{
    if (rest_.starts_with("</")) {
        return close();
    }
    return rest_.starts_with("<!") ? read_section() : open();
}

bool ElementReader::read_text()
{
    const std::string_view raw = rest_.substr(0, rest_.find('<'));
    rest_.remove_prefix(raw.size());
    std::string text;
    if (!expand(raw, false, text)) {
        return false;
    }
    open_.back()->text(text);
    return true;
}

bool ElementReader::read_section()
{
    if (!skip("<![CDATA[")) {
        return false;
    }
    const auto end = rest_.find("]]>");
    if (end == std::string_view::npos) {
        return false;
    }
    std::string_view raw = rest_.substr(0, end);
    rest_.remove_prefix(end + 3);
    std::string text;
    while (!raw.empty()) {
        const auto plain = raw.substr(0, raw.find('\r'));
        text += plain;
        raw.remove_prefix(plain.size());
        if (!raw.empty()) {
            append_white(raw, false, text);
        }
    }
    open_.back()->text(text);
    return true;
}

bool ElementReader::open()
{
    if (open_.size() >= max_depth) {
        return false;
    }
    marks_.push_back(declarations_.size());
    Tag tag;
    if (!read_tag(tag) || !place(tag)) {
        return false;
    }
    if (tag.empty) {
        open_.pop_back();
        names_.pop_back();
        declarations_.resize(marks_.back());
        marks_.pop_back();
    }
    return true;
}

bool ElementReader::close()
{
    if (!skip("</") || !skip(names_.back())) {
        return false;
    }
    skip_space();
    open_.pop_back();
    names_.pop_back();
    declarations_.resize(marks_.back());
    marks_.pop_back();
    return skip(">");
}

bool ElementReader::read_tag(Tag& tag)
{
    rest_.remove_prefix(1);
    tag.name = read_name();
    if (tag.name.empty()) {
        return false;
    }
    for (;;) {
        const bool spaced = skip_space();
        if (skip(">")) {
            return true;
        }
        if (skip("/>")) {
            tag.empty = true;
            return true;
        }
        if (!spaced || !read_attribute(tag)) {
            return false;
        }
    }
}

bool ElementReader::read_attribute(Tag& tag)
{
    const std::string_view name = read_name();
    skip_space();
    if (name.empty() || !skip("=")) {
        return false;
    }
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) {
        return false;
    }
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) {
        return false;
    }
    std::string value;
    if (!expand(rest_.substr(1, end - 1), true, value)) {
        return false;
    }
    rest_.remove_prefix(end + 1);
    if (name == "xmlns" || name.starts_with("xmlns:")) {
        return declare(name, value);
    }
    tag.attributes.push_back({name, std::move(value)});
    return true;
}

bool ElementReader::declare(std::string_view name, std::string_view value)
{
    if (declarations_.size() >= max_declarations) {
        return false;
    }
    const QualifiedName parts = split(name);
    const std::string_view prefix = parts.prefix.empty() ? std::string_view{} : parts.local;
    declarations_.push_back({std::string{prefix}, std::string{value}});
    return true;
}

std::optional<std::string_view> ElementReader::resolve(std::string_view prefix) const
{
    const auto found =
        std::find_if(declarations_.rbegin(), declarations_.rend(), [&](const Declaration& each) {
            return each.prefix == prefix;
        });
    if (found != declarations_.rend()) {
        return found->uri;
    }
    if (prefix.empty()) {
        return std::string_view{};
    }
    return prefix == "xml" ? std::optional{ns::xml} : std::nullopt;
}

bool ElementReader::place(Tag& tag)
{
    const QualifiedName name = split(tag.name);
    auto uri = resolve(name.prefix);
    if (!uri || name.local.empty() || tag.name.front() == ':') {
        return false;
    }
    if (merge_content_ && ns::is_content(*uri) &&
        (open_.empty() || open_.back()->ns() == ns::client)) {
        uri = ns::client;
    }
    Element element{*uri, name.local};
    names_size_ += uri->size() + name.local.size();
    element.attributes_.reserve(tag.attributes.size());
    for (Tag::Attribute& attribute : tag.attributes) {
        const QualifiedName key = split(attribute.name);
        const auto space = key.prefix.empty() ? std::string_view{} : resolve(key.prefix);
        if (!space || key.local.empty()) {
            return false;
        }
        names_size_ += space->size() + key.local.size();
        if (names_size_ > max_names) {
            return false;
        }
        element.attributes_.push_back(
            {std::string{*space}, std::string{key.local}, std::move(attribute.value)});
    }
    names_.push_back(tag.name);
    if (open_.empty()) {
        open_.push_back(&root_.emplace(std::move(element)));
    } else {
        open_.push_back(&open_.back()->add(std::move(element)));
    }
    return names_size_ <= max_names;
}

std::string_view ElementReader::read_name()
{
    const std::string_view name = rest_.substr(0, rest_.find_first_of(name_ends));
    rest_.remove_prefix(name.size());
    return name;
}

bool ElementReader::skip_space()
{
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_space);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(size);
    return size != 0;
}

bool ElementReader::skip(std::string_view expected)
{
    const bool found = rest_.starts_with(expected);
    rest_.remove_prefix(found ? expected.size() : 0);
    return found;
}

bool ElementReader::expand(std::string_view raw, bool attribute, std::string& out) const
{
    const std::string_view special = attribute ? "&\r\n\t<" : "&\r";
    while (!raw.empty()) {
        const std::string_view plain = raw.substr(0, raw.find_first_of(special));
        out += plain;
        raw.remove_prefix(plain.size());
        if (raw.empty()) {
            break;
        }
        if (raw.front() == '<') {
            return false;
        }
        if (raw.front() != '&') {
            append_white(raw, attribute, out);
            continue;
        }
        const auto end = raw.find(';');
        if (end == std::string_view::npos || !append_reference(raw.substr(1, end - 1), out)) {
            return false;
        }
        raw.remove_prefix(end + 1);
    }
    return true;
}

} // namespace sarang
