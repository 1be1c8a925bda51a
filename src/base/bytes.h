// SPDX-License-Identifier: Apache-2.0
// Bytes in and out of other forms: base64, hex, and the big-endian encoding of all codecs.
// Bytes travel as string_view; nothing here cares what they mean.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sarang {

/// RFC 4648 §4, with padding.
SARANG_API std::string base64_encode(std::string_view bytes);
/// Strict: nothing for whitespace, missing or surplus padding, or padding bits that are not zero.
SARANG_API std::optional<std::string> base64_decode(std::string_view text);
/// RFC 4648 §5, without padding: fit for URLs and file names.
SARANG_API std::string base64url_encode(std::string_view bytes);

/// Lower case.
SARANG_API std::string hex_encode(std::string_view bytes);
/// Takes both cases; nothing for an odd length or what is no digit.
SARANG_API std::optional<std::string> hex_decode(std::string_view text);

/// Compares secrets: the time taken depends on the lengths alone.
SARANG_API bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Octets as what the rest of the house calls bytes.
inline std::string_view view(std::span<const std::uint8_t> octets)
{
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Writes a value for BytesReader to read. Numbers are big-endian, so that keys sort by them.
class SARANG_API BytesWriter {
public:
    BytesWriter& u8(std::uint8_t value) { return put(value, 1); }

    BytesWriter& u16(std::uint16_t value) { return put(value, 2); }

    BytesWriter& u32(std::uint32_t value) { return put(value, 4); }

    BytesWriter& u64(std::uint64_t value) { return put(value, 8); }

    BytesWriter& boolean(bool value) { return put(value ? 1 : 0, 1); }

    /// Seven bits a byte, lowest first (LEB128): a byte for what is below 128.
    BytesWriter& varint(std::uint64_t value);
    /// Its length as a varint, then its bytes.
    BytesWriter& string(std::string_view value);
    /// Bytes without a length.
    BytesWriter& raw(std::string_view value);

    const std::string& bytes() const { return bytes_; }

    /// Makes room for that many bytes in all.
    void reserve(std::size_t size) { bytes_.reserve(size); }

    std::string take() { return std::move(bytes_); }

private:
    BytesWriter& put(std::uint64_t value, unsigned size);

    std::string bytes_;
};

/// Reads what a BytesWriter wrote. Never reads past the end: from the first thing that is not
/// there or malformed, ok() is false and all that is read is zero or empty. What it returns as a
/// view points into the bytes it was given.
class SARANG_API BytesReader {
public:
    explicit BytesReader(std::string_view bytes)
        : rest_{bytes}
    {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(get(1)); }

    std::uint16_t u16() { return static_cast<std::uint16_t>(get(2)); }

    std::uint32_t u32() { return static_cast<std::uint32_t>(get(4)); }

    std::uint64_t u64() { return get(8); }

    /// Only 0 and 1 are taken.
    bool boolean();
    /// Only the shortest form is taken.
    std::uint64_t varint();
    std::string_view string();
    std::string_view raw(std::size_t size);

    /// A varint that says how many things follow, each of at least `smallest` bytes (not zero):
    /// fails for more than could be there, so that it is safe to reserve.
    std::size_t count(std::size_t smallest = 1);

    bool ok() const { return ok_; }

    /// All was read, and well.
    bool complete() const { return ok_ && rest_.empty(); }

    /// What was not read yet; empty after a failure.
    std::string_view rest() const { return rest_; }

private:
    std::uint64_t get(unsigned size);
    void fail();

    std::string_view rest_;
    bool ok_ = true;
};

} // namespace sarang
