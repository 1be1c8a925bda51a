// SPDX-License-Identifier: Apache-2.0
// Key: what a row is found by; short, of fixed parts, on the stack.
#pragma once

#include "base/bytes.h"
#include "base/crypto.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sarang::lmdb {

class Key {
public:
    static constexpr std::size_t capacity = 32;

    Key() = default;

    explicit Key(std::uint64_t first) { u64(first); }

    /// Requires that all parts together fit the capacity, which the tables' layout gives.
    Key& u8(std::uint8_t value)
    {
        octets_[size_++] = value;
        return *this;
    }

    Key& u64(std::uint64_t value)
    {
        for (int shift = 56; shift >= 0; shift -= 8) {
            u8(static_cast<std::uint8_t>(value >> shift));
        }
        return *this;
    }

    Key& hash(const Hash128& value)
    {
        for (const std::uint8_t octet : value) {
            u8(octet);
        }
        return *this;
    }

    Key& raw(std::string_view value)
    {
        for (const char octet : value) {
            u8(static_cast<std::uint8_t>(octet));
        }
        return *this;
    }

    std::string_view bytes() const { return view({octets_.data(), size_}); }

private:
    std::array<std::uint8_t, capacity> octets_{};
    std::size_t size_ = 0;
};

} // namespace sarang::lmdb
