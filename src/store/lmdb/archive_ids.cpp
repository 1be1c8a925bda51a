// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_ids.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

using Layout = ArchiveIdLayout;

std::uint64_t place(std::uint64_t time, std::uint64_t bucket)
{
    return time << Layout::time_shift | bucket << Layout::sequence_bits;
}

std::uint64_t successor(std::uint64_t id, std::uint64_t bucket)
{
    if ((id & Layout::last_sequence) != Layout::last_sequence) {
        return id + 1;
    }
    return place((id >> Layout::time_shift) + 1, bucket);
}

} // namespace

ArchiveIds::ArchiveIds(ArchiveId mark)
    : last_(Layout::buckets)
{
    const std::uint64_t time = static_cast<std::uint64_t>(mark) >> Layout::time_shift;
    for (std::uint64_t bucket = 0; bucket < Layout::buckets; ++bucket) {
        last_[bucket] = place(time, bucket) | Layout::last_sequence;
    }
}

ArchiveId ArchiveIds::next(Clock::Wall now, std::uint16_t bucket)
{
    std::uint64_t& last = last_[bucket];
    const std::uint64_t at = static_cast<std::uint64_t>(bound_of(now));
    last = std::max(successor(last, bucket), place(at >> Layout::time_shift, bucket));
    return ArchiveId{last};
}

} // namespace sarang::lmdb
