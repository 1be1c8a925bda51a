// SPDX-License-Identifier: Apache-2.0
#include "xml/nickname.h"

#include "xml/casefold.h"
#include "xml/utf8.h"

#include <unicode/uchar.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <memory>

namespace sarang {
namespace {

struct CloseSpoof {
    void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

bool is_ascii(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 8266 §2.1: none at the ends, one between words. Others than U+0020 are that by NFKC.
std::string with_single_spaces(std::string_view text)
{
    std::string made;
    for (const char c : text) {
        if (c != ' ' || (!made.empty() && made.back() != ' ')) {
            made += c;
        }
    }
    if (made.ends_with(' ')) {
        made.pop_back();
    }
    return made;
}

// What the tables of UTS 39 make of the characters of ASCII.
std::string skeleton_of_ascii(std::string_view text)
{
    std::string made;
    for (const char c : text) {
        switch (c) {
        case '"':
            made += "''";
            break;
        case '%':
            made += "º/₀";
            break;
        case '0':
            made += 'O';
            break;
        case '1':
        case 'I':
        case '|':
            made += 'l';
            break;
        case '`':
            made += '\'';
            break;
        case 'm':
            made += "rn";
            break;
        default:
            made += c;
        }
    }
    return made;
}

std::string skeleton(std::string_view text)
{
    if (is_ascii(text)) {
        return skeleton_of_ascii(text);
    }
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, CloseSpoof> checker{uspoof_open(&status)};
    std::string made(text.size() * 4 + 16, '\0');
    for (int round = 0; round < 2 && U_SUCCESS(status); ++round) {
        const int32_t size = uspoof_getSkeletonUTF8(
            checker.get(),
            0,
            text.data(),
            static_cast<int32_t>(text.size()),
            made.data(),
            static_cast<int32_t>(made.size()),
            &status);
        const bool fits = status != U_BUFFER_OVERFLOW_ERROR;
        made.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        if (fits) {
            break;
        }
        status = U_ZERO_ERROR;
    }
    return U_FAILURE(status) ? std::string{text} : made;
}

// Those that are drawn as nothing, though no property says so.
bool is_blank(char32_t character)
{
    constexpr char32_t braille_blank = 0x2800;
    return character == braille_blank;
}

} // namespace

NicknameLook look_of(std::string_view nick)
{
    const std::string plain = with_single_spaces(nick);
    return {skeleton(with_single_spaces(casefold(plain))), skeleton(plain)};
}

bool look_alike(const NicknameLook& one, const NicknameLook& other)
{
    return one.folded == other.folded || one.shape == other.shape;
}

bool is_all_visible(std::string_view nick)
{
    while (!nick.empty()) {
        const CodePoint point = first_code_point(nick);
        const auto character = static_cast<UChar32>(point.value);
        const int8_t category = u_charType(character);
        const bool hidden =
            u_hasBinaryProperty(character, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 ||
            u_hasBinaryProperty(character, UCHAR_BIDI_CONTROL) != 0 || category == U_CONTROL_CHAR ||
            category == U_LINE_SEPARATOR || category == U_PARAGRAPH_SEPARATOR;
        if (point.size == 0 || hidden || is_blank(point.value)) {
            return false;
        }
        nick.remove_prefix(point.size);
    }
    return true;
}

std::size_t length_of(std::string_view nick)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        nick, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace sarang
