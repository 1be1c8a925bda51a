// SPDX-License-Identifier: Apache-2.0
// PLAIN (RFC 4616). The password is checked on a worker, against the keys that SCRAM has.
#include "base/scram.h"
#include "core/sasl_conversation.h"
#include "core/sasl_keys.h"
#include "net/worker.h"
#include "xml/saslprep.h"

#include <optional>

namespace sarang {
namespace {

struct PlainMessage {
    std::string_view authzid;
    std::string_view authcid;
    std::string_view password;
};

std::optional<PlainMessage> parse_plain(std::string_view message)
{
    const std::size_t first = message.find('\0');
    const std::size_t second = message.find('\0', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) {
        return std::nullopt;
    }
    const PlainMessage parts{
        message.substr(0, first),
        message.substr(first + 1, second - first - 1),
        message.substr(second + 1)};
    const bool whole = !parts.authcid.empty() && !parts.password.empty() &&
                       parts.password.find('\0') == std::string_view::npos;
    return whole ? std::optional{parts} : std::nullopt;
}

/// Goes to a worker with all that it needs.
class PasswordCheck {
public:
    PasswordCheck(SaslKeys keys, Secret password)
        : keys_{std::move(keys)}
        , password_{std::move(password)}
    {}

    bool operator()()
    {
        Result<std::string> text = saslprep(password_.reveal());
        if (!text) {
            return false; // whoever the user is
        }
        const Secret prepared = Secret::take(*text);
        const ScramKeys& kept = keys_.kept;
        const scram::Keys derived =
            scram::derive(kept.hash, prepared.reveal(), kept.salt, kept.iterations);
        const bool fits = derived.stored_key == kept.keys.stored_key;
        return fits && keys_.real;
    }

private:
    SaslKeys keys_;
    Secret password_;
};

class PlainConversation final : public SaslConversation {
public:
    PlainConversation(const SaslContext& context, SaslWork& work)
        : context_{context}
        , work_{work}
    {}

    Task<SaslStep> answer(std::string_view message) override
    {
        const std::optional<PlainMessage> parts = parse_plain(message);
        if (!parts) {
            co_return sasl_failure(SaslCondition::malformed_request, "That is no PLAIN message");
        }
        auto user = sasl_user(*context_.policy, parts->authcid, parts->authzid);
        if (auto* const refusal = std::get_if<SaslFailure>(&user)) {
            co_return std::move(*refusal);
        }
        Secret password{parts->password};
        std::string name = std::get<std::string>(std::move(user));
        const Result<bool> fits = co_await check(name, std::move(password));
        if (!fits) {
            co_return sasl_try_later();
        }
        if (!*fits) {
            co_return sasl_wrong();
        }
        co_return SaslSuccess{std::move(name), {}};
    }

private:
    Task<Result<bool>> check(const std::string& user, Secret password)
    {
        // Whatever there is: an account that came from elsewhere may have keys for SHA-1 alone.
        SaslKeys keys = co_await ok(find_sasl_keys(context_, work_, user, std::nullopt));
        ++work_.derivations;
        work_.iterations += keys.kept.iterations;
        PasswordCheck check{std::move(keys), std::move(password)};
        Task<Result<bool>> running = context_.hashing.run(std::move(check));
        Result<bool> fits = co_await running;
        co_return std::move(fits);
    }

    const SaslContext& context_;
    SaslWork& work_;
};

} // namespace

std::unique_ptr<SaslConversation> make_plain(const SaslContext& context, SaslWork& work)
{
    return std::make_unique<PlainConversation>(context, work);
}

} // namespace sarang
