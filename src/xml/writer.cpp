// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include "xml/ns.h"
#include "xml/plain_text.h"

#include <algorithm>
#include <array>
#include <span>

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

void escape(std::string& out, std::string_view text, const Escapes& escapes)
{
    std::size_t done = 0;
    for (std::size_t i = after_plain(text, 0); i < text.size(); i = after_plain(text, i + 1)) {
        const std::string_view escaped = escapes[static_cast<unsigned char>(text[i])];
        if (!escaped.empty()) {
            out.append(text.data() + done, i - done);
            out += escaped;
            done = i + 1;
        }
    }
    out.append(text.data() + done, text.size() - done);
}

/// An attribute of a stanza; `begin` is all that comes before the value. Without one it is absent.
struct Part {
    std::string_view begin;
    std::string_view value;
};

/// One behind the other, into room that is made once for all. Requires that nothing in their
/// values is to be escaped.
void write_plain(std::string& out, std::span<const Part> parts)
{
    std::size_t room = 0;
    for (const Part& part : parts) {
        room += part.value.empty() ? 0 : part.begin.size() + part.value.size() + 1;
    }
    out.resize(out.size() + room);
    char* at = out.data() + out.size() - room;
    for (const Part& part : parts) {
        if (!part.value.empty()) {
            at = std::copy(part.begin.begin(), part.begin.end(), at);
            at = std::copy(part.value.begin(), part.value.end(), at);
            *at++ = '\'';
        }
    }
}

void write_escaped(std::string& out, std::span<const Part> parts)
{
    for (const Part& part : parts) {
        if (!part.value.empty()) {
            out += part.begin;
            escape_attribute(out, part.value);
            out += '\'';
        }
    }
}

bool is_plain(const Part& part)
{
    return after_plain(part.value, 0) == part.value.size();
}

/// All of the opening tag but its end.
void write_head(
    std::string& out, const Stanza& stanza, std::string_view xmlns, std::string_view stream_lang)
{
    const std::string_view lang = stanza.lang;
    const std::array<Part, 6> parts{{
        {" xmlns='", xmlns},
        {" from='", stanza.from.str()},
        {" to='", stanza.to.str()},
        {" id='", stanza.id},
        {" type='", name(stanza.type)},
        {" xml:lang='", lang == stream_lang ? std::string_view{} : lang},
    }};
    out += '<';
    out += name(stanza.kind);
    if (std::all_of(parts.begin(), parts.end(), is_plain)) {
        write_plain(out, parts);
    } else {
        write_escaped(out, parts);
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
    out.append(bytes.data() + done, bytes.size() - done);
}

} // namespace

void escape_text(std::string& out, std::string_view text)
{
    escape(out, text, in_text);
}

void escape_attribute(std::string& out, std::string_view text)
{
    escape(out, text, in_attribute);
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
