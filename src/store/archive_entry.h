// SPDX-License-Identifier: Apache-2.0
// What is in an archive (store/archive_store.h).
#pragma once

#include "base/api.h"
#include "base/clock.h"

#include <cstdint>
#include <string>

namespace sarang {

/// Names an entry and says where it stands: of two in one archive, the later is the greater, also
/// where the clock went back. Milliseconds since 2020 (41 bits), bucket (12), sequence (11).
enum class ArchiveId : std::uint64_t { none = 0 };

/// When the entry came: the time that all of an archive is ordered by.
SARANG_API Clock::Wall time_of(ArchiveId id);
/// Below every id of that time and later, above all before; none for a time before all archives.
SARANG_API ArchiveId bound_of(Clock::Wall time);

struct ArchiveEntry {
    ArchiveId id;
    std::string with;
    std::string with_resource;
    std::string stanza;

    bool operator==(const ArchiveEntry&) const = default;
};

} // namespace sarang
