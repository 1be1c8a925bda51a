// SPDX-License-Identifier: Apache-2.0
#include "xml/utf8.h"

namespace sarang {
namespace {

/// The length that a first byte announces, and the least value that needs so many bytes.
struct Lead {
    std::size_t size;
    char32_t bits;
    char32_t least;
};

Lead lead(unsigned char byte)
{
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if (byte >= 0xC2 && byte < 0xE0) {
        return {2, byte & 0x1FU, 0x80};
    }
    if (byte >= 0xE0 && byte < 0xF0) {
        return {3, byte & 0x0FU, 0x800};
    }
    if (byte >= 0xF0 && byte < 0xF5) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

} // namespace

CodePoint first_code_point(std::string_view text)
{
    if (text.empty()) {
        return {};
    }
    const Lead first = lead(static_cast<unsigned char>(text.front()));
    if (first.size == 0) {
        return {};
    }
    char32_t value = first.bits;
    for (std::size_t i = 1; i < first.size; ++i) {
        if (i == text.size()) {
            return {0, 0, true};
        }
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value < 0xE000;
    if (value < first.least || value > 0x10FFFF || surrogate) {
        return {};
    }
    return {value, first.size, false};
}

void append_utf8(std::string& out, char32_t value)
{
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | ((value >> shift) & 0x3FU));
    };
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xC0U | (value >> 6U));
        tail(0);
    } else if (value < 0x10000) {
        out += static_cast<char>(0xE0U | (value >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (value >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

} // namespace sarang
