// SPDX-License-Identifier: Apache-2.0
// SCRAM (RFC 5802, RFC 7677), with channel binding when it is a -PLUS mechanism.
#include "base/bytes.h"
#include "base/id.h"
#include "base/scram.h"
#include "core/sasl_conversation.h"
#include "core/sasl_keys.h"
#include "core/scram_messages.h"

#include <algorithm>
#include <optional>

namespace sarang {
namespace {

using scram::BindingFlag;

class ScramConversation final : public SaslConversation {
public:
    ScramConversation(const SaslContext& context, SaslWork& work, Hash hash, bool plus)
        : context_{context}
        , work_{work}
        , hash_{hash}
        , plus_{plus}
    {}

    Task<SaslStep> answer(std::string_view message) override
    {
        // No coroutine of its own: the frame is one of the two below.
        return keys_ ? finish(message) : begin(message);
    }

private:
    Task<SaslStep> begin(std::string_view message);
    Task<SaslStep> finish(std::string_view message);
    std::optional<SaslFailure> bind(const scram::Gs2Header& header);
    void challenge(const scram::ClientFirst& first);
    SaslStep verify(const scram::ClientFinal& final);

    const SaslContext& context_;
    SaslWork& work_;
    const Hash hash_;
    const bool plus_;

    std::string user_;
    std::string client_first_bare_;
    std::string binding_; ///< what the client's `c=` has to be
    std::string nonce_;   ///< both sides' parts
    std::string server_first_;
    std::optional<SaslKeys> keys_; ///< from the challenge on
};

Task<SaslStep> ScramConversation::begin(std::string_view message)
{
    const std::optional<scram::ClientFirst> first = scram::parse_client_first(message);
    if (!first) {
        co_return sasl_failure(SaslCondition::malformed_request, "That is no SCRAM message");
    }
    if (std::optional<SaslFailure> refusal = bind(first->gs2)) {
        co_return std::move(*refusal);
    }
    auto user = sasl_user(*context_.policy, first->user, first->gs2.authzid);
    if (auto* const refusal = std::get_if<SaslFailure>(&user)) {
        co_return std::move(*refusal);
    }
    user_ = std::get<std::string>(std::move(user));
    Result<SaslKeys> keys = co_await find_sasl_keys(context_, work_, user_, hash_);
    if (!keys) {
        co_return sasl_try_later();
    }
    keys_ = std::move(*keys);
    challenge(*first);
    co_return SaslChallenge{server_first_};
}

/// RFC 5802 §6: what the client says of channel binding against what we offered.
std::optional<SaslFailure> ScramConversation::bind(const scram::Gs2Header& header)
{
    if (plus_ != (header.flag == BindingFlag::used)) {
        return SaslFailure{
            SaslCondition::malformed_request, "Channel binding does not fit the mechanism"};
    }
    if (header.flag == BindingFlag::unoffered && offers_binding(context_)) {
        return SaslFailure{
            SaslCondition::not_authorized, "Channel binding was offered, but you did not see it"};
    }
    std::string_view bytes;
    if (header.flag == BindingFlag::used) {
        const auto found = std::find_if(
            context_.bindings.begin(), context_.bindings.end(), [&](const ChannelBinding& binding) {
                return binding.type == header.binding;
            });
        if (found == context_.bindings.end()) {
            return SaslFailure{
                SaslCondition::not_authorized, "That type of channel binding is not offered"};
        }
        bytes = found->bytes;
    }
    binding_ = scram::expected_binding(header.text, bytes);
    return std::nullopt;
}

void ScramConversation::challenge(const scram::ClientFirst& first)
{
    client_first_bare_ = first.bare;
    nonce_ = first.nonce;
    nonce_ += context_.nonces != nullptr ? context_.nonces->nonce() : random_id();
    server_first_ = scram::server_first(nonce_, keys_->kept.salt, keys_->kept.iterations);
}

Task<SaslStep> ScramConversation::finish(std::string_view message)
{
    const std::optional<scram::ClientFinal> final = scram::parse_client_final(message);
    if (!final) {
        co_return sasl_failure(SaslCondition::malformed_request, "That is no SCRAM message");
    }
    if (final->nonce != nonce_) {
        co_return sasl_failure(SaslCondition::not_authorized, "That is not this exchange's nonce");
    }
    if (!equal_in_constant_time(final->binding, binding_)) {
        co_return sasl_failure(
            SaslCondition::not_authorized, "The channel binding is not this connection's");
    }
    co_return verify(*final);
}

SaslStep ScramConversation::verify(const scram::ClientFinal& final)
{
    const std::string signed_text =
        scram::auth_message(client_first_bare_, server_first_, final.without_proof);
    ++work_.proofs;
    const bool proven = scram::proves(hash_, keys_->kept.keys, signed_text, final.proof);
    if (!proven || !keys_->real) {
        return sasl_wrong();
    }
    const Digest signature = scram::server_signature(hash_, keys_->kept.keys, signed_text);
    return SaslSuccess{std::move(user_), scram::server_final(signature.view())};
}

} // namespace

std::unique_ptr<SaslConversation>
make_scram(const SaslContext& context, SaslWork& work, Hash hash, bool plus)
{
    return std::make_unique<ScramConversation>(context, work, hash, plus);
}

} // namespace sarang
