// SPDX-License-Identifier: Apache-2.0
// The schema version of an environment: what is ours, what is too new, what is to be migrated.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string_view>

struct MDB_env;
struct MDB_txn;

namespace sarang::lmdb {

/// What this build reads and writes. A change of tables or records raises it and adds a step to
/// the migrations in schema.cpp.
inline constexpr std::uint64_t schema_version = 6;

/// The version of an environment, 0 when it is empty; a failure when it is not one of ours.
Result<std::uint64_t> stored_schema(MDB_txn* transaction);

/// Refuses a version that is newer than this program.
Result<void> check_schema(std::uint64_t version);

/// Brings an environment to schema_version. Requires a version that passed the check.
Result<void> migrate(MDB_txn* transaction, std::uint64_t from);

} // namespace sarang::lmdb
