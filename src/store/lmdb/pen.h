// SPDX-License-Identifier: Apache-2.0
// Pen: writes what a BytesWriter would into room that is there for all of it, so that it does not
// ask for each part: for rows of thousands of short ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sarang::lmdb {

class Pen {
public:
    static constexpr std::size_t longest_varint = 10;
    static constexpr std::size_t longest_length = 5; ///< of a string that is not of gigabytes

    explicit Pen(char* at)
        : at_{at}
    {}

    Pen& u8(std::uint8_t value)
    {
        *at_++ = static_cast<char>(value);
        return *this;
    }

    Pen& u16(std::uint16_t value)
    {
        return u8(static_cast<std::uint8_t>(value >> 8U)).u8(static_cast<std::uint8_t>(value));
    }

    Pen& u32(std::uint32_t value)
    {
        for (int shift = 24; shift >= 0; shift -= 8) {
            u8(static_cast<std::uint8_t>(value >> shift));
        }
        return *this;
    }

    Pen& u64(std::uint64_t value)
    {
        return u32(static_cast<std::uint32_t>(value >> 32U)).u32(static_cast<std::uint32_t>(value));
    }

    Pen& varint(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7U) {
            u8(static_cast<std::uint8_t>((value & 0x7fU) | 0x80U));
        }
        return u8(static_cast<std::uint8_t>(value));
    }

    Pen& string(std::string_view text) { return varint(text.size()).raw(text); }

    Pen& raw(std::string_view bytes)
    {
        at_ += bytes.copy(at_, bytes.size());
        return *this;
    }

    /// Behind the last byte that was written.
    char* at() const { return at_; }

private:
    char* at_;
};

} // namespace sarang::lmdb
