// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include "base/scope.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace sarang {
namespace {

using Hashing = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::size_t hmac_block = 64; // of both kinds, RFC 2104 §2

/// OpenSSL's own failures: out of memory, or no such algorithm. Nobody could go on.
void require(bool done)
{
    if (!done) {
        std::abort();
    }
}

const EVP_MD* fetch(const char* name)
{
    const EVP_MD* found = EVP_MD_fetch(nullptr, name, nullptr);
    require(found != nullptr);
    return found;
}

// Fetched once, since a fetch costs more than a digest; kept until the process ends.
const EVP_MD* algorithm(Hash hash)
{
    static const EVP_MD* const sha1 = fetch("SHA1");
    static const EVP_MD* const sha256 = fetch("SHA256");
    return hash == Hash::sha1 ? sha1 : sha256;
}

const EVP_CIPHER* aes(std::size_t key_size)
{
    static const EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
    static const EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
    require(key_size == 16 || key_size == 32);
    return key_size == 16 ? aes128 : aes256;
}

Hashing begin(Hash hash)
{
    Hashing hashing{EVP_MD_CTX_new()};
    require(hashing != nullptr);
    require(EVP_DigestInit_ex2(hashing.get(), algorithm(hash), nullptr) == 1);
    return hashing;
}

void update(const Hashing& hashing, std::string_view bytes)
{
    require(EVP_DigestUpdate(hashing.get(), bytes.data(), bytes.size()) == 1);
}

Digest end(const Hashing& hashing, Hash hash)
{
    Digest digest{hash};
    require(EVP_DigestFinal_ex(hashing.get(), digest.data(), nullptr) == 1);
    return digest;
}

/// A key as RFC 2104 §2 pads it, wiped at the end.
class Pad {
public:
    Pad(Hash hash, std::string_view key)
    {
        const Digest shorter = key.size() > hmac_block ? digest(hash, key) : Digest{};
        const std::string_view used = key.size() > hmac_block ? shorter.view() : key;
        std::copy(used.begin(), used.end(), octets_.begin());
    }

    Pad(const Pad&) = delete;
    Pad& operator=(const Pad&) = delete;

    ~Pad() { wipe(octets_); }

    void flip(std::uint8_t with)
    {
        for (std::uint8_t& octet : octets_) {
            octet ^= with;
        }
    }

    std::string_view bytes() const { return view(octets_); }

private:
    std::array<std::uint8_t, hmac_block> octets_{};
};

BlockCipher::Block crypt(EVP_CIPHER_CTX* context, const BlockCipher::Block& in)
{
    BlockCipher::Block out;
    int size = 0;
    require(
        EVP_CipherUpdate(context, out.data(), &size, in.data(), static_cast<int>(in.size())) == 1);
    require(size == static_cast<int>(out.size()));
    return out;
}

} // namespace

void random_bytes(std::span<std::uint8_t> out)
{
    require(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

Digest::Digest(std::string_view bytes)
    : size_{static_cast<std::uint8_t>(bytes.size())}
{
    require(bytes.size() <= octets_.size());
    std::copy(bytes.begin(), bytes.end(), octets_.begin());
}

Digest::~Digest()
{
    wipe(octets_);
}

Digest digest(Hash hash, std::string_view bytes)
{
    const Hashing hashing = begin(hash);
    update(hashing, bytes);
    return end(hashing, hash);
}

// By hand over one context: OpenSSL's EVP_MAC makes and copies several for each call.
Digest hmac(Hash hash, std::string_view key, std::string_view bytes)
{
    Pad pad{hash, key};
    pad.flip(0x36);
    const Hashing hashing = begin(hash);
    update(hashing, pad.bytes());
    update(hashing, bytes);
    const Digest inner = end(hashing, hash);

    pad.flip(0x36 ^ 0x5c);
    require(EVP_DigestInit_ex2(hashing.get(), nullptr, nullptr) == 1);
    update(hashing, pad.bytes());
    update(hashing, inner.view());
    return end(hashing, hash);
}

Digest pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations)
{
    Digest derived{hash};
    require(
        PKCS5_PBKDF2_HMAC(
            password.data(),
            static_cast<int>(password.size()),
            reinterpret_cast<const unsigned char*>(salt.data()),
            static_cast<int>(salt.size()),
            static_cast<int>(iterations),
            algorithm(hash),
            static_cast<int>(derived.size()),
            derived.data()) == 1);
    return derived;
}

Hash128 hash128(std::string_view bytes)
{
    const Digest whole = digest(Hash::sha256, bytes);
    Hash128 first;
    std::copy_n(whole.data(), first.size(), first.begin());
    return first;
}

Secret::Secret(std::string_view bytes)
    : bytes_{std::make_unique<char[]>(bytes.size())}
    , size_{bytes.size()}
{
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

Secret Secret::take(std::string& from)
{
    Secret secret{from};
    wipe(from);
    return secret;
}

Secret::~Secret()
{
    if (bytes_) {
        OPENSSL_cleanse(bytes_.get(), size_);
    }
}

void wipe(std::span<std::uint8_t> octets)
{
    OPENSSL_cleanse(octets.data(), octets.size());
}

void wipe(std::string& text)
{
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

void BlockCipher::Free::operator()(evp_cipher_ctx_st* context) const
{
    EVP_CIPHER_CTX_free(context);
}

BlockCipher::BlockCipher(const Secret& key)
    : encrypt_{prepare(key.reveal(), true)}
    , decrypt_{prepare(key.reveal(), false)}
{}

BlockCipher::Context BlockCipher::prepare(std::string_view key, bool encrypt)
{
    Context context{EVP_CIPHER_CTX_new()};
    require(context != nullptr);
    const auto* octets = reinterpret_cast<const unsigned char*>(key.data());
    const int way = encrypt ? 1 : 0;
    require(EVP_CipherInit_ex2(context.get(), aes(key.size()), octets, nullptr, way, nullptr) == 1);
    require(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
    return context;
}

BlockCipher::Block BlockCipher::encrypt(const Block& block)
{
    return crypt(encrypt_.get(), block);
}

BlockCipher::Block BlockCipher::decrypt(const Block& block)
{
    return crypt(decrypt_.get(), block);
}

} // namespace sarang
