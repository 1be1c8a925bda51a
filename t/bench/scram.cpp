// SPDX-License-Identifier: Apache-2.0

#include "scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace sarang::bench {
namespace {

const unsigned char* octets(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode(std::string_view raw)
{
    std::string text(4 * ((raw.size() + 2) / 3) + 1, '\0');
    auto* out = reinterpret_cast<unsigned char*>(text.data());
    const int size = EVP_EncodeBlock(out, octets(raw), static_cast<int>(raw.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string decode(std::string_view text)
{
    std::string raw(3 * (text.size() / 4) + 3, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    const int size = EVP_DecodeBlock(out, octets(text), static_cast<int>(text.size()));
    if (size < 0) {
        throw std::runtime_error("SCRAM: bad base64");
    }
    // EVP_DecodeBlock counts the padding as zero bytes.
    const auto last = text.find_last_not_of('=');
    const auto padding = last == std::string_view::npos ? 0 : text.size() - 1 - last;
    raw.resize(static_cast<std::size_t>(size) - padding);
    return raw;
}

Digest hmac(const Digest& key, std::string_view text)
{
    Digest digest;
    const auto size = static_cast<int>(key.size());
    HMAC(EVP_sha1(), key.data(), size, octets(text), text.size(), digest.data(), nullptr);
    return digest;
}

ScramKeys derive(const std::string& password, const std::string& salt, int iterations)
{
    Digest salted;
    const std::string raw = decode(salt);
    PKCS5_PBKDF2_HMAC_SHA1(
        password.data(),
        static_cast<int>(password.size()),
        octets(raw),
        static_cast<int>(raw.size()),
        iterations,
        salted.size(),
        salted.data());
    ScramKeys keys;
    keys.client = hmac(salted, "Client Key");
    keys.server = hmac(salted, "Server Key");
    SHA1(keys.client.data(), keys.client.size(), keys.stored.data());
    return keys;
}

std::string_view view(const Digest& digest)
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest digest_of(const std::string& base64)
{
    const std::string raw = decode(base64);
    Digest digest;
    if (raw.size() != digest.size()) {
        throw std::runtime_error("SCRAM: a digest of the wrong size");
    }
    std::copy(raw.begin(), raw.end(), digest.begin());
    return digest;
}

// The value of attribute `name` in "r=...,s=...,i=...".
std::string_view attribute(std::string_view message, char name)
{
    while (!message.empty()) {
        const auto comma = message.find(',');
        const auto part = message.substr(0, comma);
        if (part.size() > 2 && part[0] == name && part[1] == '=') {
            return part.substr(2);
        }
        message.remove_prefix(comma == std::string_view::npos ? message.size() : comma + 1);
    }
    throw std::runtime_error(std::string{"SCRAM: no attribute "} + name);
}

} // namespace

ScramKeyring::ScramKeyring(std::string password, std::string path)
    : password_{std::move(password)}
    , path_{std::move(path)}
{
    std::ifstream file{path_};
    std::string salt, iterations, client, server;
    while (file >> salt >> iterations >> client >> server) {
        ScramKeys keys{digest_of(client), {}, digest_of(server)};
        SHA1(keys.client.data(), keys.client.size(), keys.stored.data());
        keys_.emplace(salt + ' ' + iterations, keys);
    }
}

const ScramKeys& ScramKeyring::keys(const std::string& salt, int iterations)
{
    const std::string name = salt + ' ' + std::to_string(iterations);
    auto found = keys_.find(name);
    if (found == keys_.end()) {
        found = keys_.emplace(name, derive(password_, salt, iterations)).first;
        ++derived_;
    }
    return found->second;
}

void ScramKeyring::save() const
{
    if (path_.empty() || derived_ == 0) {
        return;
    }
    std::ofstream file{path_};
    for (const auto& [name, keys] : keys_) {
        file << name << ' ' << encode(view(keys.client)) << ' ' << encode(view(keys.server))
             << '\n';
    }
}

ScramExchange::ScramExchange(ScramKeyring& keyring, std::string_view user)
    : keyring_{keyring}
{
    std::array<unsigned char, 18> random;
    if (RAND_bytes(random.data(), random.size()) != 1) {
        throw std::runtime_error("no random bytes");
    }
    nonce_ = encode({reinterpret_cast<const char*>(random.data()), random.size()});
    bare_ = "n=" + std::string{user} + ",r=" + nonce_;
}

std::string ScramExchange::first() const
{
    return encode("n,," + bare_);
}

std::string ScramExchange::final(std::string_view challenge)
{
    const std::string server_first = decode(challenge);
    const auto nonce = attribute(server_first, 'r');
    const auto salt = attribute(server_first, 's');
    const auto count = attribute(server_first, 'i');
    int iterations = 0;
    std::from_chars(count.data(), count.data() + count.size(), iterations);
    if (!nonce.starts_with(nonce_) || iterations < 1) {
        throw std::runtime_error("SCRAM: a bad challenge");
    }
    const ScramKeys& keys = keyring_.keys(std::string{salt}, iterations);
    const std::string without_proof = "c=biws,r=" + std::string{nonce};
    const std::string message = bare_ + ',' + server_first + ',' + without_proof;
    Digest proof = hmac(keys.stored, message);
    for (std::size_t at = 0; at < proof.size(); ++at) {
        proof[at] ^= keys.client[at];
    }
    server_signature_ = hmac(keys.server, message);
    return encode(without_proof + ",p=" + encode(view(proof)));
}

void ScramExchange::verify(std::string_view success) const
{
    const std::string last = decode(success);
    if (attribute(last, 'v') != encode(view(server_signature_))) {
        throw std::runtime_error("SCRAM: the server does not know the password");
    }
}

} // namespace sarang::bench
