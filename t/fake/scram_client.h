// SPDX-License-Identifier: Apache-2.0
// ScramClient: the other side of a SCRAM exchange (RFC 5802 §3), which can be made to misbehave.
#pragma once

#include "base/bytes.h"
#include "base/crypto.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sarang {

class ScramClient {
public:
    Hash hash = Hash::sha256;
    std::string user = "juliet"; ///< as it is to be written
    std::string password = "r0m30myr0m30";
    std::string gs2 = "n,,";
    std::string binding; ///< the bytes that `c=` claims after the header
    std::string nonce = "rOprNGfwEbeRWgbNEkqO";

    std::string first() const { return gs2 + bare(); }

    /// The last message, for a server's first one.
    std::string final(std::string_view challenge)
    {
        const std::string without_proof =
            "c=" + base64_encode(gs2 + binding) + ",r=" + field(challenge, 'r');
        const std::string salt = base64_decode(field(challenge, 's')).value_or("");
        salt_password(salt, static_cast<std::uint32_t>(std::stoul("0" + field(challenge, 'i'))));
        signed_ = bare() + ',' + std::string{challenge} + ',' + without_proof;
        return without_proof + ",p=" + base64_encode(proof().view());
    }

    /// Whether the server's last message shows that it knows the password too.
    bool trusts(std::string_view success) const
    {
        const Digest key = hmac(hash, salted_.view(), "Server Key");
        return success == "v=" + base64_encode(hmac(hash, key.view(), signed_).view());
    }

    /// The value of an attribute; empty when there is none.
    static std::string field(std::string_view message, char name)
    {
        const std::string head{name, '='};
        std::size_t at = 0;
        while (at < message.size()) {
            const std::size_t end = std::min(message.find(',', at), message.size());
            if (message.substr(at, 2) == head) {
                return std::string{message.substr(at + 2, end - at - 2)};
            }
            at = end + 1;
        }
        return {};
    }

private:
    std::string bare() const { return "n=" + user + ",r=" + nonce; }

    // Kept as a real client keeps it, so that it costs nothing the next time.
    void salt_password(const std::string& salt, std::uint32_t iterations)
    {
        const std::string source = password + '\0' + salt + '\0' + std::to_string(iterations);
        if (source != salted_from_ && iterations != 0) {
            salted_ = pbkdf2(hash, password, salt, iterations);
            salted_from_ = source;
        }
    }

    Digest proof() const
    {
        Digest key = hmac(hash, salted_.view(), "Client Key");
        const Digest stored = digest(hash, key.view());
        const Digest signature = hmac(hash, stored.view(), signed_);
        for (std::size_t i = 0; i < key.size(); ++i) {
            key[i] ^= signature[i];
        }
        return key;
    }

    Digest salted_;
    std::string salted_from_;
    std::string signed_;
};

} // namespace sarang
