// SPDX-License-Identifier: Apache-2.0
// SearchStore: finds entries of an archive by their words (XEP-0431). An index beside the archive
// that is always behind it by a little, and can be made anew out of it. Usable from any shard where
// the archive of that owner is. Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "store/archive_store.h"

#include <cstdint>
#include <string>

namespace sarang {

class SARANG_API SearchStore {
public:
    virtual ~SearchStore() = default;

    /// Those entries of a part of an archive that have all the words, as ArchiveStore::read() gives
    /// them. Brings the index up to date first; resource-constraint when too much is missing.
    virtual Task<Result<ArchivePage>> search(ArchiveQuery query, std::string words) = 0;

    /// Indexes a bounded part of what came since; how many entries, 0 when nothing was missing.
    virtual Task<Result<std::uint64_t>> index(std::string owner) = 0;

    /// Forgets an owner's index; it is made anew when next asked for.
    virtual Task<Result<void>> forget(std::string owner) = 0;
};

} // namespace sarang
