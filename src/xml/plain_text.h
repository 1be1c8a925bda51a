// SPDX-License-Identifier: Apache-2.0
// Where plain text ends: ASCII from the space on that XML writes as it is, everywhere. Long runs
// of it are most of what is read and written.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sarang {

inline constexpr auto plain_characters = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = ' '; c < 0x80; ++c) {
        plain[c] = c != '<' && c != '>' && c != '&' && c != '\'' && c != '"';
    }
    return plain;
}();

#ifdef __SSE2__

/// A bit for each of the 16 bytes that is no plain character.
inline unsigned odd_bits(__m128i block)
{
    const auto equal = [&](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
    // With their signs, so that what is not ASCII is less than a space, too.
    const __m128i low = _mm_cmplt_epi8(block, _mm_set1_epi8(' '));
    const __m128i angles = _mm_or_si128(equal('<'), equal('>'));
    const __m128i quotes = _mm_or_si128(equal('\''), equal('"'));
    const __m128i odd = _mm_or_si128(_mm_or_si128(low, equal('&')), _mm_or_si128(angles, quotes));
    return static_cast<unsigned>(_mm_movemask_epi8(odd));
}

inline unsigned odd_bits(const char* bytes)
{
    return odd_bits(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

#endif

/// The first place at or after `place` where something else stands, or the end.
inline std::size_t after_plain(std::string_view bytes, std::size_t place)
{
#ifdef __SSE2__
    for (; bytes.size() - place >= 16; place += 16) {
        if (const unsigned odd = odd_bits(bytes.data() + place)) {
            return place + static_cast<std::size_t>(std::countr_zero(odd));
        }
    }
    if (bytes.size() >= 16) {
        // The rest, as the end of the last 16 bytes.
        const std::size_t last = bytes.size() - 16;
        const unsigned odd = odd_bits(bytes.data() + last) >> (place - last);
        return odd == 0 ? bytes.size() : place + static_cast<std::size_t>(std::countr_zero(odd));
    }
#endif
    while (place < bytes.size() && plain_characters[static_cast<unsigned char>(bytes[place])]) {
        ++place;
    }
    return place;
}

/// Whether all of it is plain.
inline bool is_plain(std::string_view text)
{
#ifdef __SSE2__
    if (text.size() >= 8 && text.size() < 16) {
        // Its first and its last 8 bytes, which may have some in common.
        const auto half = [&](std::size_t place) {
            return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text.data() + place));
        };
        return odd_bits(_mm_unpacklo_epi64(half(0), half(text.size() - 8))) == 0;
    }
#endif
    return after_plain(text, 0) == text.size();
}

} // namespace sarang
