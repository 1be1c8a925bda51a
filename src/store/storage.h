// SPDX-License-Identifier: Apache-2.0
// Storage: all that survives, one store for each domain, over one database.
// Usable from any shard. Outlives every task that it gave, but stops before the shards go; close()
// is awaited before that.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "store/account_store.h"
#include "store/archive_store.h"
#include "store/keyed_store.h"
#include "store/offline_store.h"
#include "store/room_store.h"
#include "store/roster_store.h"
#include "store/search_store.h"

#include <cstdint>
#include <string>

namespace sarang {

/// Counted since the start, but for the sizes.
struct StorageStats {
    std::uint64_t commits = 0;  ///< groups made durable
    std::uint64_t writes = 0;   ///< jobs in them
    std::uint64_t failures = 0; ///< jobs that a full map, a full disk or a broken one refused
    std::uint64_t refused = 0;  ///< jobs turned away because too many waited
    std::uint64_t waiting = 0;  ///< jobs that wait now
    std::uint64_t largest_group = 0;
    std::uint64_t used_bytes = 0;   ///< of the database
    std::uint64_t disk_bytes = 0;   ///< what its file takes of the disk
    std::uint64_t map_bytes = 0;    ///< what it may grow to
    std::uint64_t damages = 0;      ///< rows that were read and found damaged
    std::string trouble = {};       ///< why the last write was refused; empty: it was not
    std::uint64_t search_bytes = 0; ///< of the search index
    std::uint64_t indexed = 0;      ///< entries that it took up
    std::uint64_t indexing = 0;     ///< what waits to be indexed: archives, about
    std::uint64_t index_lag = 0;    ///< entries that the one furthest behind has beyond its index
    /// Times that it was damaged, or a part of it, and was given up.
    std::uint64_t indexed_anew = 0;
};

/// How large the files of the database are, and what of that is free inside them.
struct StorageSpace {
    std::uint64_t bytes = 0;
    std::uint64_t free = 0;
    std::uint64_t disk = 0; ///< what they take of the disk: less where they have holes

    /// What is free and takes room on the disk nevertheless, about.
    std::uint64_t free_on_disk() const { return disk + free > bytes ? disk + free - bytes : 0; }
};

/// What was given back to the file system, and what there is now.
struct StorageCompaction {
    std::uint64_t given_back = 0;
    StorageSpace space;
};

class SARANG_API Storage {
public:
    virtual ~Storage() = default;

    virtual AccountStore& accounts() = 0;
    virtual RosterStore& rosters() = 0;
    virtual OfflineStore& offline() = 0;
    virtual RoomStore& rooms() = 0;
    virtual KeyedStore& values() = 0;
    virtual ArchiveStore& archive() = 0;
    virtual SearchStore& search() = 0;

    /// Writes a consistent copy to a file, while running. The file appears whole or not at all;
    /// an existing one is replaced.
    virtual Task<Result<void>> backup(std::string path) = 0;

    /// Reckons it, on a worker.
    virtual Task<Result<StorageSpace>> space() = 0;

    /// Gives back to the file system what is free in the files, while all goes on: they keep their
    /// size and get holes. What somebody reads meanwhile stays. `feature-not-implemented` when the
    /// file system has no holes.
    virtual Task<Result<StorageCompaction>> compact() = 0;

    /// Done when all that was asked for before is durable.
    virtual Task<Result<void>> sync() = 0;

    /// Takes no more jobs (`service-unavailable`), and waits for those that run.
    virtual Task<void> close() = 0;

    /// Ends its own threads; what waits is still written. The shards may have stopped, but must
    /// still be there: what was written is told to them.
    virtual void stop() = 0;

    virtual StorageStats stats() const = 0;
};

} // namespace sarang
