// SPDX-License-Identifier: Apache-2.0
// A group commit: many jobs, one transaction, one sync.
#pragma once

#include "base/api.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/write_job.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace sarang::lmdb {

struct GroupOutcome {
    std::uint64_t commits = 0;
    std::uint64_t failures = 0; ///< jobs that were refused
    int code = 0;               ///< why the last of them was
};

/// Runs the jobs in order; afterwards each is durable or refused. A job that does not fit is
/// refused without harm to the others. Blocks. Requires that no other thread writes.
GroupOutcome
commit_group(const Environment& environment, std::span<const std::unique_ptr<WriteJob>> jobs);

/// Commits what one deed does; 0, or the code of what went wrong, and nothing was done. As above.
SARANG_API int
commit_deed(const Environment& environment, const std::function<void(WriteTransaction&)>& deed);

} // namespace sarang::lmdb
