// SPDX-License-Identifier: Apache-2.0
// The arithmetic of SCRAM (RFC 5802 §3, RFC 7677) on the server's side: what is kept instead of
// a password, and what proves it. The messages are spelt elsewhere.
#pragma once

#include "base/api.h"
#include "base/crypto.h"

#include <cstdint>
#include <string_view>

namespace sarang::scram {

/// What is kept of a password; none of it lets anybody log in without the password.
struct Keys {
    Digest stored_key;
    Digest server_key;

    bool operator==(const Keys&) const = default;
};

/// From a password that was normalised (SASLprep). Takes milliseconds: a worker's job, never a
/// shard's. Requires `iterations` > 0.
SARANG_API Keys
derive(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);

/// From Hi(password), as some stores and clients keep it.
SARANG_API Keys derive(Hash hash, const Digest& salted_password);

/// Whether a client's proof for this exchange shows that it knows the password.
SARANG_API bool
proves(Hash hash, const Keys& keys, std::string_view auth_message, std::string_view proof);

/// Shows the client that the server knows the keys: the `v=` of its last message.
SARANG_API Digest server_signature(Hash hash, const Keys& keys, std::string_view auth_message);

} // namespace sarang::scram
