// SPDX-License-Identifier: Apache-2.0
#include "xml/casefold.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace sarang {
namespace {

std::string in_lower_case(std::string_view text)
{
    std::string made{text};
    for (char& c : made) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return made;
}

} // namespace

std::string casefold(std::string_view text)
{
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
        return in_lower_case(text);
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status)) {
        return std::string{text};
    }
    std::string made;
    const icu::StringPiece piece{text.data(), static_cast<int32_t>(text.size())};
    folding->normalize(icu::UnicodeString::fromUTF8(piece), status).toUTF8String(made);
    return U_FAILURE(status) ? std::string{text} : made;
}

} // namespace sarang
