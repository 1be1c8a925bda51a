// SPDX-License-Identifier: Apache-2.0
// SaslKeys: what a proof or a password is held against. A user who does not exist has keys too,
// made of the server's secret: always the same, and they fit nothing.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/task.h"
#include "core/sasl.h"
#include "store/account_store.h"

#include <optional>
#include <string>

namespace sarang {

struct SaslKeys {
    ScramKeys kept;
    bool real = false; ///< to be asked only when all work is done
};

/// Those of a user, by his normalised name: for this hash, or without one for the strongest that
/// he has. Does the same whether he exists or not; fails only when the store does. Context and
/// work must outlive the task.
SARANG_API Task<Result<SaslKeys>> find_sasl_keys(
    const SaslContext& context, SaslWork& work, std::string user, std::optional<Hash> hash);

} // namespace sarang
