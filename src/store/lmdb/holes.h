// SPDX-License-Identifier: Apache-2.0
// Giving back what is free in the file of a running environment: pages that LMDB has no use for are
// punched out of it. The file keeps its size and takes less of the disk; LMDB writes to such a page
// again when it wants one.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "store/lmdb/environment.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace sarang::lmdb {

class Engine;

/// Where a walk over the free pages stands. They are listed by the transaction that freed them, of
/// each the highest first.
struct FreePlace {
    std::uint64_t transaction = 0;
    std::uint64_t below = std::numeric_limits<std::uint64_t>::max(); ///< what is left of it
};

/// What became of a part of a walk.
struct HoleStep {
    FreePlace next;
    bool complete = false;
    std::uint64_t bytes = 0;       ///< that the file takes less than before
    std::uint64_t transaction = 0; ///< it was done before this one
};

/// How much is done in a step, while whoever writes has to wait.
struct HoleBounds {
    std::size_t batch = 512; ///< pages that are looked up and punched at once; it does one at least
    std::chrono::milliseconds time{5}; ///< when it begins no further one
};

/// Punches out free pages from there on, as far as nobody reads or could come to read what they
/// held. On the writer, while it has no transaction. `feature-not-implemented` when
/// the file system has no holes.
SARANG_API Result<HoleStep>
punch_some(const Environment& environment, const FreePlace& from, HoleBounds bounds = {});

/// Gives back all that is free, step by step, with the writer free in between; how many bytes the
/// file takes less than before. Done also when more is freed all the time.
Task<Result<std::uint64_t>> give_back(Engine& engine);

} // namespace sarang::lmdb
