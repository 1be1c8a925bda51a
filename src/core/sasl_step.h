// SPDX-License-Identifier: Apache-2.0
// SaslStep: what a SASL exchange answers to a message of the client.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace sarang {

/// The defined conditions of a failure, RFC 6120 §6.5.
enum class SaslCondition : std::uint8_t {
    aborted,
    account_disabled,
    credentials_expired,
    encryption_required,
    incorrect_encoding,
    invalid_authzid,
    invalid_mechanism,
    malformed_request,
    mechanism_too_weak,
    not_authorized,
    temporary_auth_failure,
};

/// The element name of a condition, as in "not-authorized".
SARANG_API std::string_view name(SaslCondition condition);

/// The bytes may be empty: then the client is asked for its first message.
struct SaslChallenge {
    std::string bytes;
};

struct SaslSuccess {
    std::string user;       ///< normalised local part
    std::string additional; ///< goes along with the success; empty means none
    bool anonymous = false; ///< the user was made up for this session
};

struct SaslFailure {
    SaslCondition condition = SaslCondition::not_authorized;
    std::string text; ///< for the peer
};

using SaslStep = std::variant<SaslChallenge, SaslSuccess, SaslFailure>;

} // namespace sarang
