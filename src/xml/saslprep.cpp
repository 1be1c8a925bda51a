// SPDX-License-Identifier: Apache-2.0
#include "xml/saslprep.h"

#include "base/scope.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stringprep.h>

namespace sarang {
namespace {

using Ucs4 = Owned<std::uint32_t, std::free>;
using Utf8 = Owned<char, std::free>;

// NFKC makes up to 18 code points of one; a password that grows beyond this is no password.
constexpr std::size_t max_code_points = 4096;

// SASLprep leaves printable ASCII as it is and prohibits the rest of ASCII.
bool is_printable_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string reason(int error)
{
    switch (error) {
    case STRINGPREP_CONTAINS_PROHIBITED:
        return "holds a character that is not allowed";
    case STRINGPREP_BIDI_BOTH_L_AND_RAL:
    case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
    case STRINGPREP_BIDI_CONTAINS_PROHIBITED:
        return "mixes writing directions";
    case STRINGPREP_TOO_SMALL_BUFFER:
        return "is too long";
    default:
        return "cannot be prepared";
    }
}

Result<std::string> prepare(const Ucs4& text, std::size_t length)
{
    // One call with room enough: libidn's stringprep() grows its buffer by 50 and starts over,
    // which a text that expands can make expensive.
    std::array<std::uint32_t, max_code_points> room;
    if (length >= room.size()) {
        return fail(Condition::not_acceptable, reason(STRINGPREP_TOO_SMALL_BUFFER));
    }
    std::copy_n(text.get(), length, room.begin());
    const int error = stringprep_4i(
        room.data(), &length, room.size() - 1, Stringprep_profile_flags{}, stringprep_saslprep);
    if (error != STRINGPREP_OK) {
        return fail(Condition::not_acceptable, reason(error));
    }
    std::size_t size = 0;
    const Utf8 prepared{
        stringprep_ucs4_to_utf8(room.data(), static_cast<ssize_t>(length), nullptr, &size)};
    if (!prepared) {
        return fail(Condition::not_acceptable, reason(STRINGPREP_ICONV_ERROR));
    }
    return std::string{prepared.get(), size};
}

} // namespace

Result<std::string> saslprep(std::string_view text)
{
    if (text.size() > max_saslprep) {
        return fail(Condition::not_acceptable, reason(STRINGPREP_TOO_SMALL_BUFFER));
    }
    if (is_printable_ascii(text)) {
        return std::string{text};
    }
    if (text.find('\0') != std::string_view::npos) {
        return fail(Condition::not_acceptable, reason(STRINGPREP_CONTAINS_PROHIBITED));
    }
    std::size_t length = 0;
    const Ucs4 code_points{
        stringprep_utf8_to_ucs4(text.data(), static_cast<ssize_t>(text.size()), &length)};
    if (!code_points) {
        return fail(Condition::not_acceptable, "is not UTF-8");
    }
    return prepare(code_points, length);
}

} // namespace sarang
