// SPDX-License-Identifier: Apache-2.0
// What is asked of an archive, and what it answers (store/archive_store.h). Values.
#pragma once

#include "store/archive_entry.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// A part of an archive. Bounds are exclusive.
struct ArchiveQuery {
    std::string owner;
    std::string with = {};          ///< bare JID; empty: anybody
    std::string with_resource = {}; ///< only with `with`
    ArchiveId after = ArchiveId::none;
    ArchiveId before = ArchiveId::none; ///< none: no bound
    bool backwards = false;             ///< the last ones of that part, not the first ones
    std::size_t limit = 50;
};

struct ArchivePage {
    /// Always in order; fewer than the limit when large, or when much was looked through.
    std::vector<ArchiveEntry> entries;
    bool complete = true; ///< nothing of that part is left beyond them
    /// Where that is not so: the entry up to which it was looked, from which on to ask for the
    /// rest.
    ArchiveId through = ArchiveId::none;
};

/// What was found out about a part of an archive.
struct ArchiveCheck {
    std::vector<std::string> faults; ///< in words, without anything that was said
    bool complete = true;
    ArchiveId through = ArchiveId::none; ///< where that is not so: from which on to go on
};

/// Whether a stanza that was kept can be what was written. Called by any thread.
using SoundStanza = bool (*)(std::string_view stanza);

/// What became of an archive's damaged rows; and, where that is not all, from where on to go on.
struct ArchiveRepair {
    std::vector<std::string> done; ///< by the last part, in words, without anything that was said
    std::uint64_t kept = 0;        ///< entries of damaged blocks that could be read
    std::uint64_t lost = 0;        ///< those that could not, as far as it is known
    bool uncounted = false;        ///< there may be more of those
    ArchiveId lost_from = ArchiveId::none; ///< the first of them; none: nothing is lost
    ArchiveId lost_to = ArchiveId::none;   ///< the last of them
    bool complete = false;
    unsigned stage = 0; ///< the store's own, as all that follows
    ArchiveId suspect_from = ArchiveId::none;
    ArchiveId suspect_to = ArchiveId::none;
    std::string place = {};
};

/// From the first to the last entry that there is; none and none for an empty archive.
struct ArchiveExtent {
    ArchiveId first = ArchiveId::none;
    ArchiveId last = ArchiveId::none;
    std::uint64_t entries = 0;
};

} // namespace sarang
