// SPDX-License-Identifier: Apache-2.0
// When the database came from a backup: what was given out between the two is unknown to it.
#pragma once

#include "store/lmdb/transaction.h"

#include <cstdint>

namespace sarang::lmdb {

/// Milliseconds since 1970; 0 for one that grew up by itself.
std::uint64_t restored_at(ReadTransaction& transaction);

void set_restored_at(WriteTransaction& transaction, std::uint64_t time);

} // namespace sarang::lmdb
