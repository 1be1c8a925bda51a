// SPDX-License-Identifier: Apache-2.0
#include "xml/plain_stanza.h"

#include "xml/ns.h"
#include "xml/plain_text.h"
#include "xml/utf8.h"

#include <algorithm>
#include <array>

namespace sarang {
namespace {

// What plain stanzas have at most. With these and ParserLimits::plain_bytes, Expat needs less
// than enough_memory for any of them.
constexpr std::size_t max_open = 16;
constexpr std::size_t max_attributes = 16;
constexpr std::size_t max_elements = 64;
constexpr std::size_t enough_memory = 1024 * 1024;

/// What the namespaces of stanzas and of xml:lang add to the names in a tag, at most.
constexpr std::size_t most_expansion = 2 * ns::xml.size();

constexpr bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr auto name_characters = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 0x80; ++c) {
        table[c] =
            begins_name(static_cast<char>(c)) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    }
    return table;
}();

/// One that a payload may declare and stay as it is, and that XML itself does not reserve.
bool is_plain_namespace(std::string_view ns)
{
    return !ns.empty() && !ns::is_content(ns) && !ns.starts_with("http://www.w3.org/");
}

} // namespace

bool PlainStanza::read(std::string_view bytes, const ParserLimits& limits)
{
    bytes_ = bytes.substr(0, std::min(limits.plain_bytes, limits.stanza_bytes));
    place_ = 0;
    limits_ = &limits;
    open_.clear();
    elements_ = 0;
    names_ = 0;
    children_.clear();
    return limits.parser_bytes >= enough_memory && read_stanza_tag() && read_content();
}

ParsedStanza PlainStanza::stanza(std::string_view lang) const
{
    ParsedStanza stanza;
    stanza.kind = kind_;
    stanza.type = type_of(kind_, head_.type);
    stanza.id = head_.id;
    stanza.lang = head_.lang.value_or(lang);
    stanza.from = head_.from;
    stanza.to = head_.to;
    if (payload_end_ > payload_) {
        stanza.payload = Payload::make(bytes_.substr(payload_, payload_end_ - payload_), children_);
    }
    return stanza;
}

bool PlainStanza::read_stanza_tag()
{
    const bool begun = skip('<');
    const std::string_view name = read_name();
    const std::optional<Kind> kind = kind_named(name);
    if (!begun || !kind || !read_attributes() || declared_) {
        return false;
    }
    kind_ = *kind;
    keep_head();
    const bool empty = skip('/');
    if (!skip('>')) {
        return false;
    }
    payload_ = place_;
    payload_end_ = place_;
    open_.push_back({name, {}});
    names_ = place_ + most_expansion;
    const bool good = within_limits();
    if (empty) {
        open_.pop_back();
    }
    return good;
}

void PlainStanza::keep_head()
{
    head_ = {};
    for (const Attribute& attribute : attributes_) {
        if (attribute.name == "to") {
            head_.to = attribute.value;
        } else if (attribute.name == "id") {
            head_.id = attribute.value;
        } else if (attribute.name == "type") {
            head_.type = attribute.value;
        } else if (attribute.name == "from") {
            head_.from = attribute.value;
        } else if (attribute.name == "xml:lang") {
            head_.lang = attribute.value;
        }
    }
}

bool PlainStanza::read_content()
{
    while (!open_.empty()) {
        if (!skip_text()) {
            return false;
        }
        const std::size_t begin = place_++; // a '<'
        if (!(skip('/') ? read_closing_tag(begin) : read_tag(begin))) {
            return false;
        }
    }
    return true;
}

bool PlainStanza::read_tag(std::size_t begin)
{
    const std::string_view name = read_name();
    if (name.empty() || !read_attributes()) {
        return false;
    }
    const bool empty = skip('/');
    if (!skip('>') || !open(name, begin)) {
        return false;
    }
    if (empty) {
        close();
    }
    return true;
}

bool PlainStanza::read_closing_tag(std::size_t begin)
{
    payload_end_ = begin; // The last one is the stanza's.
    if (!skip(open_.back().name) || !skip('>')) {
        return false;
    }
    close();
    return true;
}

bool PlainStanza::open(std::string_view name, std::size_t begin)
{
    if (declared_ && !is_plain_namespace(*declared_)) {
        return false;
    }
    const std::string_view ns = declared_.value_or(open_.back().ns);
    if (open_.size() == 1) {
        children_.push_back({begin - payload_, 0, ns, name});
    }
    open_.push_back({name, ns});
    ++elements_;
    names_ += place_ - begin + ns.size() + most_expansion;
    return within_limits();
}

void PlainStanza::close()
{
    open_.pop_back();
    if (open_.size() == 1) {
        children_.back().size = place_ - payload_ - children_.back().offset;
    }
}

// In doubt less than what Scanner allows, which then decides.
bool PlainStanza::within_limits() const
{
    // Each open element may declare a namespace, and these are bounded like attributes.
    const std::size_t depth = std::min({max_open, limits_->depth, limits_->attributes});
    return open_.size() < depth && elements_ <= std::min(max_elements, limits_->children) &&
           names_ <= 4 * limits_->stanza_bytes;
}

bool PlainStanza::read_attributes()
{
    attributes_.clear();
    declared_.reset();
    while (skip(' ')) {
        // More space, or the end of the tag, may follow as well.
        if (!at_end() && begins_name(bytes_[place_]) && !read_attribute()) {
            return false;
        }
    }
    return true;
}

bool PlainStanza::read_attribute()
{
    const std::size_t begin = place_;
    std::string_view name = read_name();
    if (name.starts_with("xml") && name != "xmlns") {
        if (name != "xml" || !skip(":lang")) {
            return false;
        }
        name = bytes_.substr(begin, place_ - begin);
    }
    // Their sizes differ as a rule, or their first characters.
    const auto is_same = [&](const Attribute& other) {
        return other.name.size() == name.size() && other.name.front() == name.front() &&
               other.name == name;
    };
    const bool twice = std::any_of(attributes_.begin(), attributes_.end(), is_same);
    if (twice || attributes_.size() == std::min(max_attributes, limits_->attributes)) {
        return false;
    }
    const auto value = skip('=') ? read_value() : std::nullopt;
    if (!value) {
        return false;
    }
    attributes_.push_back({name, *value});
    if (name == "xmlns") {
        declared_ = value;
    }
    return true;
}

std::optional<std::string_view> PlainStanza::read_value()
{
    const char quote = at_end() ? '\0' : bytes_[place_];
    if (quote != '\'' && quote != '"') {
        return std::nullopt;
    }
    const std::size_t begin = ++place_;
    for (;;) {
        place_ = after_plain(bytes_, place_);
        if (skip(quote)) {
            return std::string_view{bytes_.data() + begin, place_ - 1 - begin};
        }
        if (!skip('\'') && !skip('"') && !skip('>') && !skip_wide()) {
            return std::nullopt;
        }
    }
}

std::string_view PlainStanza::read_name()
{
    const char* const begin = bytes_.data() + place_;
    const char* const end = bytes_.data() + bytes_.size();
    const char* at = begin;
    if (at != end && begins_name(*at)) {
        do {
            ++at;
        } while (at != end && name_characters[static_cast<unsigned char>(*at)]);
    }
    const std::string_view name{begin, static_cast<std::size_t>(at - begin)};
    place_ += name.size();
    return name;
}

/// Up to the next tag.
bool PlainStanza::skip_text()
{
    for (;;) {
        place_ = after_plain(bytes_, place_);
        if (at_end()) {
            return false;
        }
        if (bytes_[place_] == '<') {
            return true;
        }
        // "]]>" may not stand in text.
        const bool bracket = bytes_[place_ - 1] != ']' && skip('>');
        const bool fine = bracket || skip('\'') || skip('"') || skip('\n') || skip('\t');
        if (!fine && !skip_reference() && !skip_wide()) {
            return false;
        }
    }
}

bool PlainStanza::skip_reference()
{
    return skip("&lt;") || skip("&gt;") || skip("&amp;") || skip("&quot;") || skip("&apos;");
}

/// A character that is not of ASCII.
bool PlainStanza::skip_wide()
{
    const CodePoint point = first_code_point(bytes_.substr(place_));
    const bool noncharacter = (point.value & 0xFFFEU) == 0xFFFE;
    if (point.size < 2 || noncharacter) {
        return false;
    }
    place_ += point.size;
    return true;
}

bool PlainStanza::skip(char expected)
{
    const bool found = !at_end() && bytes_[place_] == expected;
    place_ += found ? 1 : 0;
    return found;
}

bool PlainStanza::skip(std::string_view expected)
{
    const bool found = bytes_.substr(place_).starts_with(expected);
    place_ += found ? expected.size() : 0;
    return found;
}

} // namespace sarang
