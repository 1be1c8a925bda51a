// SPDX-License-Identifier: Apache-2.0
#include "core/sasl_keys.h"

#include "core/credentials.h"

#include <optional>
#include <string_view>
#include <utility>

namespace sarang {
namespace {

/// What an unknown user's keys are made of. Like a true salt it differs from hash to hash, but not
/// between a mechanism and its -PLUS.
Digest decoy(const SaslPolicy& policy, std::string_view owner, Hash hash)
{
    std::string seed = hash == Hash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
    seed.append(1, '\0').append(owner);
    return hmac(Hash::sha256, policy.secret, seed);
}

/// An account in the shape of a true one, down to the memory that it takes. To find and decode that
/// of a user who exists costs a tenth of a whole exchange, and would tell him apart; to make this
/// one costs as much.
Account nobody(const SaslPolicy& policy, std::string_view owner, Hash hash, const Digest& decoy)
{
    const Digest stored_key = digest(hash, decoy.view());
    const Digest server_key = digest(hash, stored_key.view());
    // Of the decoy the salt alone is ever seen.
    const std::string salt{decoy.view().substr(0, salt_size)};
    const ScramKeys keys{hash, policy.iterations, salt, {stored_key, server_key}};
    return {std::string{owner}, policy.domain, Credentials(2, keys), {}};
}

const ScramKeys* keys_of(const std::optional<Account>& account, std::optional<Hash> hash)
{
    if (!account) {
        return nullptr;
    }
    const ScramKeys* const found = find_keys(account->credentials, hash.value_or(Hash::sha256));
    return found != nullptr || hash ? found : find_keys(account->credentials, Hash::sha1);
}

} // namespace

Task<Result<SaslKeys>> find_sasl_keys(
    const SaslContext& context, SaslWork& work, std::string user, std::optional<Hash> hash)
{
    const Hash made_up = hash.value_or(Hash::sha256);
    const std::string owner = user + '@' + context.policy->domain;
    // For everybody, and so is all that follows.
    const Digest seed = decoy(*context.policy, owner, made_up);
    ++work.decoys;
    ++work.lookups;
    std::optional<Account> account = co_await ok(context.accounts.find(owner));
    SaslKeys keys;
    keys.real = keys_of(account, hash) != nullptr;
    if (!keys.real) {
        account = nobody(*context.policy, owner, made_up, seed);
    }
    keys.kept = *keys_of(account, hash);
    co_return keys;
}

} // namespace sarang
