// SPDX-License-Identifier: Apache-2.0
// Rows that are found by a name of any length: under the hash of the name and a number that tells
// collisions apart. The record of each begins with its version and that name, to compare.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "store/lmdb/transaction.h"

#include <optional>
#include <string_view>

namespace sarang::lmdb {

struct NamedRow {
    Key key;                                ///< where it stands, or where a new one goes
    std::optional<std::string_view> record; ///< in place; nothing when there is none
};

/// The row of this name under a prefix, which the tables' layout gives.
SARANG_API NamedRow
find_named(ReadTransaction& transaction, Table table, const Key& prefix, std::string_view name);

/// The same for a prefix that holds the name's hash already.
SARANG_API NamedRow
find_hashed(ReadTransaction& transaction, Table table, const Key& hashed, std::string_view name);

} // namespace sarang::lmdb
