// SPDX-License-Identifier: Apache-2.0
// Copies of a database: out of a running one into a file, and out of a file into a new one.
#pragma once

#include "base/result.h"
#include "store/lmdb/environment.h"

#include <string>

namespace sarang::lmdb {

/// Writes a compact, consistent copy to a file, which appears whole or not at all. Blocks long.
Result<void> write_backup(const Environment& environment, const std::string& path);

/// Whether a file is a whole database of this program, of a schema that it can read.
Result<void> check_backup(const std::string& path);

/// Makes durable that a file of this name was made or renamed.
Result<void> sync_parent(const std::string& path);

} // namespace sarang::lmdb
