// SPDX-License-Identifier: Apache-2.0
// The client's side of SCRAM-SHA-1 (RFC 5802) with derived keys that are kept,
// as a real client keeps them, so that a log-in costs two HMACs and no PBKDF2.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace sarang::bench {

using Digest = std::array<unsigned char, 20>;

struct ScramKeys {
    Digest client;
    Digest stored;
    Digest server;
};

class ScramKeyring {
public:
    // `path` may be empty; else keys are read from there, and save() writes them back.
    ScramKeyring(std::string password, std::string path);

    const ScramKeys& keys(const std::string& salt, int iterations);
    void save() const;

    // How many times PBKDF2 had to run: a measured run should not have paid for any.
    std::size_t derived() const { return derived_; }

private:
    std::string password_;
    std::string path_;
    std::map<std::string, ScramKeys> keys_; // by "salt iterations"
    std::size_t derived_ = 0;
};

// One exchange. Throws std::runtime_error when the server breaks the protocol.
class ScramExchange {
public:
    ScramExchange(ScramKeyring& keyring, std::string_view user);

    std::string first() const;                     // base64
    std::string final(std::string_view challenge); // base64 in and out
    void verify(std::string_view success) const;   // base64

private:
    ScramKeyring& keyring_;
    std::string bare_;
    std::string nonce_;
    Digest server_signature_{};
};

} // namespace sarang::bench
