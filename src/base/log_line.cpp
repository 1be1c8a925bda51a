// SPDX-License-Identifier: Apache-2.0
#include "base/log_line.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

namespace sarang {
namespace {

struct Character {
    char32_t code;
    std::size_t size;
    bool valid;
};

constexpr std::uint8_t octet(char c)
{
    return static_cast<std::uint8_t>(c);
}

/// The first character, as RFC 3629 §4 has it: no surrogates, nothing longer than need be.
Character first_character(std::string_view text)
{
    const Character invalid{0, 1, false};
    const std::uint8_t lead = octet(text[0]);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return invalid;
    }
    const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() < size) {
        return invalid;
    }
    char32_t code = lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((octet(text[i]) & 0xc0) != 0x80) {
            return invalid;
        }
        code = code << 6 | (octet(text[i]) & 0x3f);
    }
    const char32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < smallest || surrogate || code > 0x10ffff) {
        return invalid;
    }
    return {code, size, true};
}

/// Characters that a terminal does not print in their place.
bool is_printed(char32_t code)
{
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bool line_end = code == 0x2028 || code == 0x2029;
    const bool mark = code == 0x200e || code == 0x200f || code == 0x61c;
    const bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return !control && !line_end && !mark && !direction && code != 0xfeff;
}

void escape_octet(std::string& out, std::uint8_t octet)
{
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet);
}

void escape(std::string& out, char32_t code)
{
    if (code == '\n') {
        out += "\\n";
    } else if (code == '\r') {
        out += "\\r";
    } else if (code == '\t') {
        out += "\\t";
    } else if (code < 0x80) {
        escape_octet(out, static_cast<std::uint8_t>(code));
    } else {
        const auto number = static_cast<std::uint32_t>(code);
        fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", number);
    }
}

bool is_bare(char c)
{
    return octet(c) > 0x20 && c != 0x7f && c != '"' && c != '\\' && c != '=';
}

} // namespace

void escape_line(std::string& out, std::string_view text)
{
    const bool cut = text.size() > log_line_limit;
    text = text.substr(0, log_line_limit);
    while (!text.empty()) {
        const Character next = first_character(text);
        if (!next.valid) {
            escape_octet(out, octet(text[0]));
        } else if (is_printed(next.code)) {
            out += text.substr(0, next.size);
        } else {
            escape(out, next.code);
        }
        text.remove_prefix(next.size);
    }
    if (cut) {
        out += "…";
    }
}

void quote_value(std::string& out, std::string_view value)
{
    if (!value.empty() && std::all_of(value.begin(), value.end(), is_bare)) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '"';
}

} // namespace sarang
