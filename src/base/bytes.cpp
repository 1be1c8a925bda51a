// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <array>

namespace sarang {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr std::uint8_t no_digit = 0xff;

using Digits = std::array<std::uint8_t, 256>;

constexpr std::uint8_t octet(char c)
{
    return static_cast<std::uint8_t>(c);
}

constexpr Digits digits_of(std::string_view alphabet)
{
    Digits digits{};
    digits.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[octet(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr Digits base64_digits = digits_of(standard_alphabet);

/// As one instruction, where it can be.
std::uint32_t four(const char* from)
{
    return std::uint32_t{octet(from[0])} << 24 | std::uint32_t{octet(from[1])} << 16 |
           std::uint32_t{octet(from[2])} << 8 | octet(from[3]);
}

constexpr std::uint8_t hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint8_t>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<std::uint8_t>(lower - 'a' + 10) : no_digit;
}

/// Up to three bytes as the upper bits of 24.
std::uint32_t group(std::string_view bytes)
{
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        bits = bits << 8 | (i < bytes.size() ? octet(bytes[i]) : 0U);
    }
    return bits;
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded)
{
    const char* const digits = alphabet.data();
    const std::size_t whole = bytes.size() / 3;
    const std::string_view last = bytes.substr(3 * whole);
    const std::size_t more = padded ? 4 : last.size() + 1;
    std::string text(4 * whole + (last.empty() ? 0 : more), '=');
    char* at = text.data();
    for (const char* from = bytes.data(); from != last.data(); from += 3) {
        const std::uint32_t bits =
            std::uint32_t{octet(from[0])} << 16 | octet(from[1]) << 8 | octet(from[2]);
        *at++ = digits[bits >> 18];
        *at++ = digits[bits >> 12 & 63];
        *at++ = digits[bits >> 6 & 63];
        *at++ = digits[bits & 63];
    }
    if (!last.empty()) {
        const std::uint32_t bits = group(last);
        for (std::size_t i = 0; i <= last.size(); ++i) {
            *at++ = digits[bits >> (18 - 6 * i) & 63];
        }
    }
    return text;
}

} // namespace

std::string base64_encode(std::string_view bytes)
{
    return encode(bytes, standard_alphabet, true);
}

std::string base64url_encode(std::string_view bytes)
{
    return encode(bytes, url_alphabet, false);
}

std::optional<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::uint8_t digit = base64_digits[octet(c)];
        if (digit == no_digit) {
            return std::nullopt;
        }
        bits = bits << 6 | digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>(bits >> held & 0xff);
        }
    }
    // RFC 4648 §3.5: bits that stand for nothing are zero, else two texts would mean the same.
    if ((bits & ((1U << held) - 1)) != 0) {
        return std::nullopt;
    }
    return bytes;
}

std::string hex_encode(std::string_view bytes)
{
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        text += hex_digits[octet(byte) >> 4];
        text += hex_digits[octet(byte) & 15];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text)
{
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::uint8_t high = hex_digit(text[i]);
        const std::uint8_t low = hex_digit(text[i + 1]);
        if (high == no_digit || low == no_digit) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) {
        return false;
    }
    // volatile, so that no compiler finds out that the loop could stop early.
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<std::uint8_t>(difference | (octet(a[i]) ^ octet(b[i])));
    }
    return difference == 0;
}

BytesWriter& BytesWriter::put(std::uint64_t value, unsigned size)
{
    std::array<char, 8> octets;
    for (unsigned i = 0; i < octets.size(); ++i) {
        octets[i] = static_cast<char>(value >> (56 - 8 * i) & 0xff);
    }
    bytes_.append(octets.data() + octets.size() - size, size);
    return *this;
}

BytesWriter& BytesWriter::varint(std::uint64_t value)
{
    if (value < 0x80) { // most are
        bytes_ += static_cast<char>(value);
        return *this;
    }
    std::array<char, 10> octets;
    std::size_t count = 0;
    while (value >= 0x80) {
        octets[count++] = static_cast<char>((value & 0x7f) | 0x80);
        value >>= 7;
    }
    octets[count++] = static_cast<char>(value);
    bytes_.append(octets.data(), count);
    return *this;
}

BytesWriter& BytesWriter::string(std::string_view value)
{
    varint(value.size());
    return raw(value);
}

BytesWriter& BytesWriter::raw(std::string_view value)
{
    bytes_ += value;
    return *this;
}

std::uint64_t BytesReader::get(unsigned size)
{
    if (size > rest_.size()) {
        fail();
        return 0;
    }
    const char* const from = rest_.data();
    std::uint64_t value = 0;
    if (size == 8) {
        value = std::uint64_t{four(from)} << 32 | four(from + 4);
    } else if (size == 4) {
        value = four(from);
    } else {
        for (unsigned i = 0; i < size; ++i) {
            value = value << 8 | octet(from[i]);
        }
    }
    rest_.remove_prefix(size);
    return value;
}

bool BytesReader::boolean()
{
    const std::uint8_t value = u8();
    if (value > 1) {
        fail();
    }
    return value == 1;
}

std::uint64_t BytesReader::varint()
{
    if (!rest_.empty() && octet(rest_.front()) < 0x80) { // most are
        const std::uint8_t value = octet(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    std::uint64_t value = 0;
    std::size_t at = 0;
    for (unsigned shift = 0; shift < 64 && at < rest_.size(); shift += 7) {
        const std::uint8_t byte = octet(rest_[at++]);
        const std::uint64_t bits = byte & 0x7fU;
        value |= bits << shift;
        if (byte < 0x80) {
            const bool shortest = byte != 0 || shift == 0;
            const bool fits = bits << shift >> shift == bits;
            if (!shortest || !fits) {
                break;
            }
            rest_.remove_prefix(at);
            return value;
        }
    }
    fail();
    return 0;
}

std::string_view BytesReader::string()
{
    return raw(count());
}

std::string_view BytesReader::raw(std::size_t size)
{
    if (size > rest_.size()) {
        fail();
        return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::size_t BytesReader::count(std::size_t smallest)
{
    const std::uint64_t value = varint();
    if (value > rest_.size() / smallest) {
        fail();
        return 0;
    }
    return static_cast<std::size_t>(value);
}

void BytesReader::fail()
{
    ok_ = false;
    rest_ = {};
}

} // namespace sarang
