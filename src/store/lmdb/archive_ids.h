// SPDX-License-Identifier: Apache-2.0
// ArchiveIds: gives the ids of a shard's archives. They rise within a bucket whatever the clock
// does: when it stands still or goes back, they borrow from the future. One shard's.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"

#include <cstdint>
#include <vector>

namespace sarang::lmdb {

/// What an id is made of.
struct ArchiveIdLayout {
    static constexpr unsigned sequence_bits = 11;
    static constexpr unsigned bucket_bits = 12;
    static constexpr unsigned time_shift = sequence_bits + bucket_bits;
    static constexpr std::uint64_t last_sequence = (std::uint64_t{1} << sequence_bits) - 1;
    static constexpr std::uint64_t buckets = std::uint64_t{1} << bucket_bits;
};

/// As keys and rows have it.
constexpr std::uint64_t number(ArchiveId id)
{
    return static_cast<std::uint64_t>(id);
}

/// The bucket that an id was given for.
constexpr std::uint16_t bucket_of(ArchiveId id)
{
    const std::uint64_t above = number(id) >> ArchiveIdLayout::sequence_bits;
    return static_cast<std::uint16_t>(above % ArchiveIdLayout::buckets);
}

class SARANG_API ArchiveIds {
public:
    /// Gives none that is not above `mark`, nor one of its millisecond.
    explicit ArchiveIds(ArchiveId mark);

    /// Requires a bucket below 4096.
    ArchiveId next(Clock::Wall now, std::uint16_t bucket);

private:
    std::vector<std::uint64_t> last_; ///< by bucket
};

} // namespace sarang::lmdb
