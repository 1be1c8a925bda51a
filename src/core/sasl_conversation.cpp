// SPDX-License-Identifier: Apache-2.0
#include "core/sasl_conversation.h"

#include "xml/jid.h"

namespace sarang {

std::variant<std::string, SaslFailure>
sasl_user(const SaslPolicy& policy, std::string_view authcid, std::string_view authzid)
{
    const Result<Jid> user = Jid::make(authcid, policy.domain);
    if (authcid.empty() || !user) {
        return SaslFailure{SaslCondition::not_authorized, "That cannot be the name of a user"};
    }
    // RFC 6120 §6.3.8: a bare address.
    if (!authzid.empty()) {
        const Result<Jid> claimed = Jid::parse(authzid);
        if (!claimed || *claimed != *user) {
            return SaslFailure{SaslCondition::invalid_authzid, "You may act for yourself alone"};
        }
    }
    return std::string{user->local()};
}

SaslStep sasl_wrong()
{
    return sasl_failure(SaslCondition::not_authorized, "The user name or the password is wrong");
}

SaslStep sasl_try_later()
{
    return sasl_failure(SaslCondition::temporary_auth_failure, "Please try again later");
}

} // namespace sarang
