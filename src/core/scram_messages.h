// SPDX-License-Identifier: Apache-2.0
// The messages of SCRAM (RFC 5802 §7) as values. Reading is strict and pure; the views of what
// was read point into the message.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::scram {

/// What a client says about channel binding (RFC 5802 §5.1, gs2-cbind-flag).
enum class BindingFlag : std::uint8_t {
    unsupported, ///< `n`
    unoffered,   ///< `y`: it would, but believes that the server does not
    used,        ///< `p=`
};

struct Gs2Header {
    BindingFlag flag = BindingFlag::unsupported;
    std::string_view binding; ///< the type's name, when used
    std::string authzid;      ///< empty: none
    std::string_view text;    ///< all of it, the last comma included

    bool operator==(const Gs2Header&) const = default;
};

struct ClientFirst {
    Gs2Header gs2;
    std::string user;
    std::string_view nonce;
    std::string_view bare; ///< the part that is signed

    bool operator==(const ClientFirst&) const = default;
};

struct ClientFinal {
    std::string_view binding; ///< base64 of header and binding, as it came
    std::string_view nonce;
    std::string_view without_proof; ///< the part that is signed
    std::string proof;              ///< decoded

    bool operator==(const ClientFinal&) const = default;
};

/// Nothing for what breaks the grammar, and for `m=`, which asks for extensions.
SARANG_API std::optional<ClientFirst> parse_client_first(std::string_view message);
SARANG_API std::optional<ClientFinal> parse_client_final(std::string_view message);

/// The header that a first message begins with.
SARANG_API std::optional<Gs2Header> parse_gs2_header(std::string_view message);

/// A saslname as what it stands for: `=2C` is a comma, `=3D` an equals sign.
SARANG_API std::optional<std::string> parse_name(std::string_view name);

SARANG_API std::string
server_first(std::string_view nonce, std::string_view salt, std::uint32_t iterations);
SARANG_API std::string server_final(std::string_view signature);

/// What a client's `c=` has to say: for `used`, with the bytes of that binding.
SARANG_API std::string expected_binding(std::string_view gs2_header, std::string_view bytes);

/// What both sides sign.
SARANG_API std::string auth_message(
    std::string_view client_first_bare,
    std::string_view server_first,
    std::string_view client_final_without_proof);

} // namespace sarang::scram
