// SPDX-License-Identifier: Apache-2.0
// Environment: the open LMDB environment with its tables, of the one process that may use it.
// Immutable once open, hence usable from any thread.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "store/lmdb/directory.h"
#include "store/lmdb/storage.h"
#include "store/lmdb/tables.h"

#include <array>
#include <cstdint>
#include <memory>
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

    MDB_env* handle() const { return env_.get(); }

    unsigned table(Table table) const { return tables_[static_cast<std::size_t>(table)]; }

    std::uint64_t used_bytes() const;
    std::uint64_t map_bytes() const;

    /// The code to report for one that a commit gave: a full disk may look like a broken one.
    int commit_code(int code) const;

    /// Writes a compact copy of what is committed now to a file. Takes long.
    Result<void> copy(int file) const;

private:
    struct Close {
        void operator()(MDB_env* env) const;
    };

    explicit Environment(DirectoryLock directory);

    int try_map(const LmdbOptions& options, std::uint64_t size);
    Result<void> open_map(const LmdbOptions& options);
    Result<void> open_tables();

    DirectoryLock directory_;
    std::unique_ptr<MDB_env, Close> env_;
    std::array<unsigned, table_count> tables_{};
};

} // namespace sarang::lmdb
