// SPDX-License-Identifier: Apache-2.0
#include "base/scram.h"

namespace sarang::scram {

// The names are those of RFC 5802 §3.

Keys derive(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations)
{
    return derive(hash, pbkdf2(hash, password, salt, iterations));
}

Keys derive(Hash hash, const Digest& salted_password)
{
    const Digest client_key = hmac(hash, salted_password.view(), "Client Key");
    return {digest(hash, client_key.view()), hmac(hash, salted_password.view(), "Server Key")};
}

bool proves(Hash hash, const Keys& keys, std::string_view auth_message, std::string_view proof)
{
    if (proof.size() != size(hash)) {
        return false;
    }
    const Digest client_signature = hmac(hash, keys.stored_key.view(), auth_message);
    Digest client_key{proof};
    for (std::size_t i = 0; i < client_key.size(); ++i) {
        client_key[i] ^= client_signature[i];
    }
    return digest(hash, client_key.view()) == keys.stored_key;
}

Digest server_signature(Hash hash, const Keys& keys, std::string_view auth_message)
{
    return hmac(hash, keys.server_key.view(), auth_message);
}

} // namespace sarang::scram
