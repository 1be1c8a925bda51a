// SPDX-License-Identifier: Apache-2.0
// SaslConversation: one mechanism at work within a SaslExchange.
#pragma once

#include "base/crypto.h"
#include "base/task.h"
#include "core/sasl.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sarang {

class SaslConversation {
public:
    virtual ~SaslConversation() = default;

    /// Answers the client's next message, which must live until the task is done.
    virtual Task<SaslStep> answer(std::string_view message) = 0;
};

// What they are given must outlive them.

std::unique_ptr<SaslConversation>
make_scram(const SaslContext& context, SaslWork& work, Hash hash, bool plus);
std::unique_ptr<SaslConversation> make_plain(const SaslContext& context, SaslWork& work);
std::unique_ptr<SaslConversation> make_anonymous();

/// Whether -PLUS is among what is offered.
bool offers_binding(const SaslContext& context);

/// The normalised name of who logs in, or why he may not: who claims to act for another, or
/// whose name cannot be one. Knows nothing of accounts.
std::variant<std::string, SaslFailure>
sasl_user(const SaslPolicy& policy, std::string_view authcid, std::string_view authzid);

inline SaslStep sasl_failure(SaslCondition condition, std::string text)
{
    return SaslFailure{condition, std::move(text)};
}

/// One and the same for an unknown user and for a wrong password.
SaslStep sasl_wrong();
/// The store or the workers could not: nothing is said about the user.
SaslStep sasl_try_later();

} // namespace sarang
