// SPDX-License-Identifier: Apache-2.0
// Environment: the open LMDB environment with its tables, of the one process that may use it.
// Usable from any thread: only the writer's changes it, where LMDB has given up on its own.
#pragma once

#include "base/api.h"
#include "base/counter.h"
#include "base/result.h"
#include "store/lmdb/directory.h"
#include "store/lmdb/storage.h"
#include "store/lmdb/tables.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

struct MDB_env;

namespace sarang::lmdb {

class SARANG_API Environment {
public:
    /// Shared with what still runs on workers for a task that was dropped.
    using Ptr = std::shared_ptr<const Environment>;

    /// Makes the directory and the tables where they are missing.
    static Result<Ptr> open(const LmdbOptions& options);

    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment();

    /// For the one thread that writes.
    MDB_env* handle() const { return env_.get(); }

    /// For all others; it stays open as long as somebody has it.
    std::shared_ptr<MDB_env> share() const;

    /// Whether LMDB takes neither reads nor writes any more, since the root could not be written.
    bool broken() const;
    /// Opens it again, once those who read it are done; whether that could be done. It waits for
    /// them once; where that was in vain, it looks whether they are done when called again. The
    /// writer's.
    bool renew() const;

    unsigned table(Table table) const { return tables_[static_cast<std::size_t>(table)]; }

    /// Notes that a row could not be read. Any thread; a few that come together count as one.
    void count_damage() const { damages_.add(); }

    std::uint64_t damages() const { return damages_.value(); }

    std::uint64_t used_bytes() const;
    std::uint64_t map_bytes() const;
    /// What the file takes of the disk: less than its size where it has holes.
    std::uint64_t disk_bytes() const;

    /// What of the used bytes holds nothing now. Costs what there is.
    Result<std::uint64_t> free_bytes() const;

    /// The code to report for one that a commit gave: a full disk may look like a broken one.
    int commit_code(int code) const;

    /// Writes a compact copy of what is committed now to a file. Takes long.
    Result<void> copy(int file) const;

private:
    Environment(DirectoryLock directory, const LmdbOptions& options);

    Result<void> open_map();
    Result<void> open_tables();
    Result<void> open_again();

    DirectoryLock directory_;
    const std::string path_;
    const unsigned readers_;
    std::uint64_t size_; ///< of the map
    mutable Counter damages_;
    mutable bool waited_ = false; ///< in vain, for those who read what is to be opened again
    mutable std::mutex mutex_;
    mutable std::shared_ptr<MDB_env> env_;
    std::array<unsigned, table_count> tables_{};
};

} // namespace sarang::lmdb
