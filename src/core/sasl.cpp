// SPDX-License-Identifier: Apache-2.0
#include "core/sasl.h"

#include "core/sasl_conversation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sarang {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 6> mechanism_names{
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
    "PLAIN",
    "ANONYMOUS",
};

bool is_plus(SaslMechanism mechanism)
{
    return mechanism == SaslMechanism::scram_sha_256_plus ||
           mechanism == SaslMechanism::scram_sha_1_plus;
}

bool allows(const SaslContext& context, SaslMechanism mechanism)
{
    const auto& allowed = context.policy->mechanisms;
    return std::find(allowed.begin(), allowed.end(), mechanism) != allowed.end();
}

bool offers(const SaslContext& context, SaslMechanism mechanism)
{
    if (!allows(context, mechanism)) {
        return false;
    }
    if (is_plus(mechanism)) {
        return !context.bindings.empty();
    }
    return mechanism != SaslMechanism::plain || context.tls;
}

std::unique_ptr<SaslConversation>
converse(const SaslContext& context, SaslWork& work, SaslMechanism mechanism)
{
    switch (mechanism) {
    case SaslMechanism::scram_sha_256_plus:
    case SaslMechanism::scram_sha_256:
        return make_scram(context, work, Hash::sha256, is_plus(mechanism));
    case SaslMechanism::scram_sha_1_plus:
    case SaslMechanism::scram_sha_1:
        return make_scram(context, work, Hash::sha1, is_plus(mechanism));
    case SaslMechanism::plain:
        return make_plain(context, work);
    case SaslMechanism::anonymous:
        break;
    }
    return make_anonymous();
}

SaslStep refuse(std::optional<SaslMechanism> mechanism, const SaslContext& context)
{
    if (mechanism == SaslMechanism::plain && allows(context, *mechanism)) {
        return sasl_failure(SaslCondition::encryption_required, "PLAIN needs TLS");
    }
    return sasl_failure(SaslCondition::invalid_mechanism, "That mechanism is not offered");
}

SaslStep out_of_turn()
{
    return sasl_failure(SaslCondition::malformed_request, "That message is out of turn");
}

} // namespace

std::string_view name(SaslMechanism mechanism)
{
    return mechanism_names[static_cast<std::size_t>(mechanism)];
}

std::optional<SaslMechanism> sasl_mechanism_named(std::string_view name)
{
    const auto found = std::find(mechanism_names.begin(), mechanism_names.end(), name);
    if (found == mechanism_names.end()) {
        return std::nullopt;
    }
    return static_cast<SaslMechanism>(found - mechanism_names.begin());
}

std::vector<SaslMechanism> offered_mechanisms(const SaslContext& context)
{
    std::vector<SaslMechanism> offered;
    for (std::size_t i = 0; i < mechanism_names.size(); ++i) {
        const auto mechanism = static_cast<SaslMechanism>(i);
        if (offers(context, mechanism)) {
            offered.push_back(mechanism);
        }
    }
    return offered;
}

bool offers_binding(const SaslContext& context)
{
    return offers(context, SaslMechanism::scram_sha_256_plus) ||
           offers(context, SaslMechanism::scram_sha_1_plus);
}

std::vector<std::string_view> offered_bindings(const SaslContext& context)
{
    std::vector<std::string_view> types;
    if (offers_binding(context)) {
        for (const ChannelBinding& binding : context.bindings) {
            types.push_back(binding.type);
        }
    }
    return types;
}

class SaslExchange::State {
public:
    explicit State(SaslContext context)
        : context_{std::move(context)}
    {}

    std::optional<SaslMechanism> mechanism() const { return mechanism_; }

    const SaslWork& work() const { return work_; }

    Task<SaslStep> start(std::string_view name, std::optional<std::string_view> initial)
    {
        if (turn_ != Turn::start) {
            turn_ = Turn::over;
            co_return out_of_turn();
        }
        turn_ = Turn::over;
        const std::optional<SaslMechanism> mechanism = sasl_mechanism_named(name);
        if (!mechanism || !offers(context_, *mechanism)) {
            co_return refuse(mechanism, context_);
        }
        mechanism_ = mechanism;
        conversation_ = converse(context_, work_, *mechanism);
        turn_ = Turn::client;
        // XEP-0175 §3 has no challenge where a client says nothing; all others must speak.
        if (!initial && *mechanism != SaslMechanism::anonymous) {
            co_return SaslChallenge{};
        }
        const std::string_view message = initial.value_or(std::string_view{});
        co_return co_await respond(message);
    }

    Task<SaslStep> respond(std::string_view message)
    {
        if (turn_ != Turn::client) {
            turn_ = Turn::over;
            co_return out_of_turn();
        }
        turn_ = Turn::server;
        if (message.size() > max_message) {
            turn_ = Turn::over;
            co_return sasl_failure(SaslCondition::malformed_request, "That message is too long");
        }
        SaslStep step = co_await conversation_->answer(message);
        if (turn_ != Turn::server) {
            co_return out_of_turn(); // the client spoke meanwhile
        }
        turn_ = std::holds_alternative<SaslChallenge>(step) ? Turn::client : Turn::over;
        co_return std::move(step);
    }

private:
    enum class Turn : std::uint8_t { start, client, server, over };

    const SaslContext context_;
    SaslWork work_;
    std::optional<SaslMechanism> mechanism_;
    std::unique_ptr<SaslConversation> conversation_;
    Turn turn_ = Turn::start;
};

SaslExchange::SaslExchange(SaslContext context)
    : state_{std::make_unique<State>(std::move(context))}
{}

SaslExchange::~SaslExchange() = default;

Task<SaslStep>
SaslExchange::start(std::string_view mechanism, std::optional<std::string_view> initial)
{
    return state_->start(mechanism, initial);
}

Task<SaslStep> SaslExchange::respond(std::string_view response)
{
    return state_->respond(response);
}

std::optional<SaslMechanism> SaslExchange::mechanism() const
{
    return state_->mechanism();
}

const SaslWork& SaslExchange::work() const
{
    return state_->work();
}

} // namespace sarang
