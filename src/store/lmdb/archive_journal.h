// SPDX-License-Identifier: Apache-2.0
// What a start finds in the journal: entries that are in no block yet go to the tails of the
// shards that have their buckets now.
#pragma once

#include "base/result.h"
#include "store/lmdb/archive_tails.h"
#include "store/lmdb/environment.h"

#include <vector>

namespace sarang::lmdb {

/// Fills the tails, one for each shard: a bucket is that of shard bucket % shards. The greatest id
/// that may have been given. Blocks; before anybody else writes.
Result<ArchiveId> replay_journal(
    const Environment& environment, const std::vector<ArchiveTails*>& tails, Clock::Time now);

/// Erases what was left to be erased when the last process ended. As far as it can; blocks.
void finish_erasing(const Environment& environment);

} // namespace sarang::lmdb
