// SPDX-License-Identifier: Apache-2.0
// Credentials: what is kept of a password, keys and salts for each SCRAM hash (RFC 5802 §3).
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/task.h"
#include "store/account_store.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sarang {

class WorkerPool;

/// One for each hash that is offered, with salts of their own.
using Credentials = std::vector<ScramKeys>;

/// How many bytes our salts have.
inline constexpr std::size_t salt_size = 16;

/// Makes credentials with new salts on a worker. `not-acceptable`, with a text for the user, when
/// the password is empty, too long, or holds what SASLprep (RFC 4013) prohibits. Requires
/// 0 < `iterations` < 2^31.
SARANG_API Task<Result<Credentials>>
make_credentials(WorkerPool& workers, Secret password, std::uint32_t iterations);

/// The same at once: some ms of hashing, hence never on a shard.
SARANG_API Result<Credentials> derive_credentials(const Secret& password, std::uint32_t iterations);

/// The keys for this hash; absent when there are none that could be used.
SARANG_API const ScramKeys* find_keys(const Credentials& credentials, Hash hash);

} // namespace sarang
