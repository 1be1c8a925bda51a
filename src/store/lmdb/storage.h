// SPDX-License-Identifier: Apache-2.0
// The embedded database: one LMDB environment in a directory of its own. One thread writes, in
// groups that share a transaction and a sync; any shard reads, without locks.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/storage.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sarang {

class WorkerPool;

/// What of a kept stanza is to be found; empty when there is nothing. Called by any thread.
using SearchedText = std::string (*)(std::string_view stanza);

struct LmdbOptions {
    std::string directory;                           ///< made with mode 0700 when missing
    std::uint64_t map_size = std::uint64_t{1} << 40; ///< address space, not disk; less if short
    std::size_t queue_jobs = 16384;                  ///< writes that may wait
    std::size_t queue_bytes = std::size_t{64} << 20; ///< what they may hold
    std::size_t tail_bytes = std::size_t{64} << 20;  ///< of the archive, in memory before blocks
    SearchedText searched_text = nullptr;            ///< without it, nothing is found by its words
    std::chrono::milliseconds index_delay{300};      ///< what comes meanwhile is indexed together
    std::uint64_t max_index_lag = 8192; ///< entries of an archive that may come before the index
    std::size_t shards = 1;             ///< that will use it: a bucket's is bucket % shards
};

/// Opens or makes the database; blocks. Refuses one that is newer than this program, made by
/// another or in use by another process; the reason is in the error's cause. `workers` and
/// `clock` must outlive it.
SARANG_API Result<std::unique_ptr<Storage>>
open_lmdb(const LmdbOptions& options, WorkerPool& workers, const Clock& clock);

/// Gives back to the file system what is free inside the files of a database, and tells what there
/// was of it; blocks. `conflict` when a process uses it. It needs room for a copy of what is kept,
/// and puts that in the place of the database when it is whole: a failure leaves what was there.
SARANG_API Result<StorageSpace> compact_lmdb(const std::string& directory);

/// What restore_lmdb() does when there is a database already.
enum class Existing : std::uint8_t { refuse, replace };

/// Makes a database of a file that backup() wrote; blocks. `conflict` when the directory holds one
/// already, unless that is to be replaced, or when a process uses it; `not-acceptable` when the
/// file is no whole backup. A failure leaves what was there.
SARANG_API Result<void> restore_lmdb(
    const std::string& file, const std::string& directory, Existing existing, const Clock& clock);

} // namespace sarang
