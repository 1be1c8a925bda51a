// SPDX-License-Identifier: Apache-2.0
// Random numbers, digests, keyed digests and a block cipher, all OpenSSL's. No failure is
// reported: one that can only mean a broken OpenSSL aborts. Functions may be called by any thread.
#pragma once

#include "base/api.h"
#include "base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct evp_cipher_ctx_st;

namespace sarang {

/// Fills `out` from the system's generator: fit for keys.
SARANG_API void random_bytes(std::span<std::uint8_t> out);

enum class Hash : std::uint8_t { sha1, sha256 };

/// How many bytes a digest of that kind has.
constexpr std::size_t size(Hash hash)
{
    return hash == Hash::sha1 ? 20 : 32;
}

/// The outcome of a hash function: a small value, as long as its kind says. It is wiped when it
/// ends, since it may be a key.
class SARANG_API Digest {
public:
    Digest() = default;

    explicit Digest(Hash hash)
        : size_{static_cast<std::uint8_t>(sarang::size(hash))}
    {}

    /// From bytes kept earlier. Requires at most 32.
    explicit Digest(std::string_view bytes);

    Digest(const Digest&) = default;
    Digest& operator=(const Digest&) = default;
    ~Digest();

    std::size_t size() const { return size_; }

    std::uint8_t* data() { return octets_.data(); }

    const std::uint8_t* data() const { return octets_.data(); }

    std::uint8_t& operator[](std::size_t index) { return octets_[index]; }

    std::uint8_t operator[](std::size_t index) const { return octets_[index]; }

    std::string_view view() const { return {reinterpret_cast<const char*>(data()), size()}; }

    /// In constant time.
    bool operator==(const Digest& other) const
    {
        return equal_in_constant_time(view(), other.view());
    }

private:
    std::array<std::uint8_t, 32> octets_{};
    std::uint8_t size_ = 0;
};

SARANG_API Digest digest(Hash hash, std::string_view bytes);

/// RFC 2104.
SARANG_API Digest hmac(Hash hash, std::string_view key, std::string_view bytes);

/// PBKDF2 with HMAC (RFC 8018 §5.2) and a result of one digest's length. Takes milliseconds, so
/// never on a shard. Requires `iterations` > 0.
SARANG_API Digest
pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);

/// The first 128 bits of SHA-256: names what is too long for a key.
using Hash128 = std::array<std::uint8_t, 16>;
SARANG_API Hash128 hash128(std::string_view bytes);

/// Bytes that are wiped when it ends. It cannot be copied, compared or logged.
class SARANG_API Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view bytes);
    /// Takes the bytes over and wipes the string.
    static Secret take(std::string& from);

    Secret(Secret&& other) noexcept
        : bytes_{std::move(other.bytes_)}
        , size_{std::exchange(other.size_, 0)}
    {}

    Secret& operator=(Secret other) noexcept
    {
        std::swap(bytes_, other.bytes_);
        std::swap(size_, other.size_);
        return *this;
    }

    ~Secret();

    bool empty() const { return size_ == 0; }

    /// What it keeps; not to be copied further than need be.
    std::string_view reveal() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

/// Overwrites bytes in a way that the compiler does not leave out.
SARANG_API void wipe(std::span<std::uint8_t> octets);
SARANG_API void wipe(std::string& text);

/// AES on single blocks of 16 bytes: makes numbers opaque, protects no text. Used by one thread.
class SARANG_API BlockCipher {
public:
    using Block = std::array<std::uint8_t, 16>;

    /// Requires a key of 16 or 32 bytes.
    explicit BlockCipher(const Secret& key);

    Block encrypt(const Block& block);
    Block decrypt(const Block& block);

private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const;
    };

    using Context = std::unique_ptr<evp_cipher_ctx_st, Free>;

    static Context prepare(std::string_view key, bool encrypt);

    Context encrypt_;
    Context decrypt_;
};

} // namespace sarang
