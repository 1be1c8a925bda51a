// SPDX-License-Identifier: Apache-2.0
#include "xml/writer.h"

#include "xml/ns.h"
#include "xml/plain_text.h"

#include <array>
#include <cstring>

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

/// What stands in the tag of a stanza. Attributes without a value are absent.
struct Head {
    Head(const Stanza& stanza, std::string_view content_ns, std::string_view stream_lang)
        : kind{name(stanza.kind)}
        , xmlns{content_ns}
        , from{stanza.from.str()}
        , to{stanza.to.str()}
        , id{stanza.id}
        , type{name(stanza.type)}
        , lang{stanza.lang == stream_lang ? std::string_view{} : std::string_view{stanza.lang}}
    {}

    /// Nothing is to be escaped; names of types never are.
    bool plain() const
    {
        return is_plain(to) && is_plain(from) && is_plain(id) && is_plain(lang) && is_plain(xmlns);
    }

    /// Visits all that is there with what comes before it.
    template <class Visit>
    void each(Visit visit) const
    {
        const auto present = [&](const auto& begin, std::string_view value) {
            if (!value.empty()) {
                visit(begin, value);
            }
        };
        present(" xmlns='", xmlns);
        present(" from='", from);
        present(" to='", to);
        present(" id='", id);
        present(" type='", type);
        present(" xml:lang='", lang);
    }

    std::string_view kind;
    std::string_view xmlns;
    std::string_view from;
    std::string_view to;
    std::string_view id;
    std::string_view type;
    std::string_view lang;
};

/// Writes into room that was made for all of it.
class Pen {
public:
    Pen(std::string& out, std::size_t room)
    {
        out.resize(out.size() + room);
        at_ = out.data() + out.size() - room;
    }

    void put(std::string_view text)
    {
        text.copy(at_, text.size());
        at_ += text.size();
    }

    /// Of a size that the compiler knows.
    template <std::size_t size>
    void put(const char (&text)[size])
    {
        std::memcpy(at_, text, size - 1);
        at_ += size - 1;
    }

    void put(const Head& head)
    {
        put("<");
        put(head.kind);
        head.each([this](const auto& begin, std::string_view value) {
            put(begin);
            put(value);
            put("'");
        });
    }

private:
    char* at_;
};

/// Of a plain one.
std::size_t size_of(const Head& head)
{
    std::size_t size = 1 + head.kind.size();
    head.each([&](const auto& begin, std::string_view value) {
        size += sizeof begin - 1 + value.size() + 1;
    });
    return size;
}

/// All of the opening tag but its end.
void write_head(std::string& out, const Head& head)
{
    if (head.plain()) {
        Pen{out, size_of(head)}.put(head);
        return;
    }
    out += '<';
    out += head.kind;
    head.each([&](const auto& begin, std::string_view value) {
        out += begin;
        escape_attribute(out, value);
        out += '\'';
    });
}

/// All of one whose head is plain and whose payload is there as it came.
void write_whole(std::string& out, const Stanza& stanza, const Head& head)
{
    const std::string_view payload = stanza.payload->bytes();
    constexpr std::size_t brackets = 4;
    const std::size_t inside = payload.size() + stanza.added.size();
    Pen pen{out, size_of(head) + inside + head.kind.size() + brackets};
    pen.put(head);
    pen.put(">");
    pen.put(payload);
    pen.put(stanza.added);
    pen.put("</");
    pen.put(head.kind);
    pen.put(">");
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
    const Head head{stanza, xmlns, stream_lang};
    if (stanza.hidden == 0 && !all_bytes(stanza).empty() && head.plain()) {
        write_whole(out, stanza, head);
        return;
    }
    write_head(out, head);
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
    write_head(out, Head{stanza, xmlns, stream_lang});
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
