// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include "xml/ns.h"

#include <array>

namespace sarang {
namespace {

/// What stands for each byte; empty for those that stand for themselves.
using Escapes = std::array<std::string_view, 256>;

constexpr Escapes text_escapes()
{
    Escapes escapes{};
    // XML 1.0 has no way to express the other control characters.
    for (std::size_t i = 0; i < 0x20; ++i) {
        escapes[i] = "\uFFFD";
    }
    escapes['\t'] = {};
    escapes['\n'] = {};
    escapes['\r'] = "&#xD;";
    escapes['&'] = "&amp;";
    escapes['<'] = "&lt;";
    escapes['>'] = "&gt;";
    return escapes;
}

constexpr Escapes attribute_escapes()
{
    Escapes escapes = text_escapes();
    // A reader would turn these into spaces.
    escapes['\t'] = "&#x9;";
    escapes['\n'] = "&#xA;";
    escapes['\''] = "&apos;";
    escapes['"'] = "&quot;";
    return escapes;
}

constexpr Escapes in_text = text_escapes();
constexpr Escapes in_attribute = attribute_escapes();

constexpr std::array<bool, 256> stops_of(const Escapes& escapes)
{
    std::array<bool, 256> stops{};
    for (std::size_t i = 0; i < stops.size(); ++i) {
        stops[i] = !escapes[i].empty();
    }
    return stops;
}

constexpr auto text_stops = stops_of(in_text);
constexpr auto attribute_stops = stops_of(in_attribute);

void escape(
    std::string& out,
    std::string_view text,
    const Escapes& escapes,
    const std::array<bool, 256>& stops)
{
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (stops[byte]) {
            out.append(text, done, i - done);
            out += escapes[byte];
            done = i + 1;
        }
    }
    out.append(text, done);
}

void write_optional(std::string& out, std::string_view name, std::string_view value)
{
    if (!value.empty()) {
        write_attribute(out, name, value);
    }
}

/// All of the opening tag but its end.
void write_head(
    std::string& out, const Stanza& stanza, std::string_view xmlns, std::string_view stream_lang)
{
    out += '<';
    out += name(stanza.kind);
    write_optional(out, "xmlns", xmlns);
    write_optional(out, "from", stanza.from.str());
    write_optional(out, "to", stanza.to.str());
    write_optional(out, "id", stanza.id);
    write_optional(out, "type", name(stanza.type));
    if (stanza.lang != stream_lang) {
        write_optional(out, "xml:lang", stanza.lang);
    }
}

std::string_view all_bytes(const Stanza& stanza)
{
    return stanza.payload ? stanza.payload->bytes() : std::string_view{};
}

void append_visible(std::string& out, const Stanza& stanza)
{
    const std::string_view bytes = all_bytes(stanza);
    std::size_t done = 0;
    const std::size_t children = stanza.payload ? stanza.payload->size() : 0;
    for (std::size_t i = 0; i < children && (stanza.hidden >> i) != 0; ++i) {
        if (((stanza.hidden >> i) & 1U) != 0) {
            const std::string_view child = stanza.payload->child(i).bytes;
            const auto offset = static_cast<std::size_t>(child.data() - bytes.data());
            out.append(bytes, done, offset - done);
            done = offset + child.size();
        }
        if (i == 63) {
            break;
        }
    }
    out.append(bytes, done);
}

} // namespace

void escape_text(std::string& out, std::string_view text)
{
    escape(out, text, in_text, text_stops);
}

void escape_attribute(std::string& out, std::string_view text)
{
    escape(out, text, in_attribute, attribute_stops);
}

void write_attribute(std::string& out, std::string_view name, std::string_view value)
{
    out += ' ';
    out += name;
    out += "='";
    escape_attribute(out, value);
    out += '\'';
}

void write_stanza(
    std::string& out, const Stanza& stanza, std::string_view xmlns, std::string_view stream_lang)
{
    write_head(out, stanza, xmlns, stream_lang);
    const std::size_t before = out.size();
    out += '>';
    append_visible(out, stanza);
    if (out.size() == before + 1 && stanza.added.empty()) {
        out.back() = '/';
        out += '>';
        return;
    }
    write_close(out, stanza);
}

void write_open(
    std::string& out, const Stanza& stanza, std::string_view xmlns, std::string_view stream_lang)
{
    write_head(out, stanza, xmlns, stream_lang);
    out += '>';
}

std::string_view visible_payload(const Stanza& stanza, std::string& scratch)
{
    if (stanza.hidden == 0) {
        return all_bytes(stanza);
    }
    scratch.clear();
    append_visible(scratch, stanza);
    return scratch;
}

void write_close(std::string& out, const Stanza& stanza)
{
    out += stanza.added;
    out += "</";
    out += name(stanza.kind);
    out += '>';
}

void write_stream_error(std::string& out, const StreamError& error)
{
    out += "<stream:error>";
    Element{ns::streams, name(error.condition)}.write(out);
    if (!error.text.empty()) {
        Element text{ns::streams, "text"};
        text.set(ns::xml, "lang", "en").text(error.text);
        text.write(out);
    }
    out += error.application;
    out += "</stream:error>";
}

} // namespace sarang
