// SPDX-License-Identifier: Apache-2.0
// ArchiveFollower: who is told what becomes of archives, as the search index is.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "store/archive_store.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sarang::lmdb {

/// On any shard, but for make_room().
class ArchiveFollower {
public:
    virtual ~ArchiveFollower() = default;

    /// So many more of an owner's entries are in blocks.
    virtual void folded(std::string_view owner, std::uint64_t entries) = 0;

    /// On the archive's writer, before more is taken in: waits a bounded time, where the follower
    /// is too far behind.
    virtual void make_room() = 0;

    /// The oldest entries of an owner were removed; empty: of some owners.
    virtual void shortened(std::string_view owner) = 0;

    /// What an entry says is about to be gone, or has just gone: nothing is to be left of it.
    virtual Task<Result<void>> blank(std::string owner, ArchiveEntry entry) = 0;
};

} // namespace sarang::lmdb
