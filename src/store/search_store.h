// SPDX-License-Identifier: Apache-2.0
// SearchStore: finds entries of an archive by their words (XEP-0431). An index beside the archive
// that follows it by itself, a little behind, and can be made anew out of it. A search is asked for
// on the shard of the owner's archive. Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "store/archive_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sarang {

struct SearchOwners {
    std::vector<std::string> names; ///< may be none, though there are more
    std::string next;               ///< to ask for more with; empty at the end
};

class SARANG_API SearchStore {
public:
    virtual ~SearchStore() = default;

    /// Those entries of a part of an archive that have all the words, as ArchiveStore::read() gives
    /// them: also what is not indexed. Bounded in what it looks at: where that did not reach, the
    /// page is not complete and tells how far it came.
    virtual Task<Result<ArchivePage>> search(ArchiveQuery query, std::string words) = 0;

    /// Indexes a bounded part of what is missing, at once; how many entries, 0 when nothing was.
    virtual Task<Result<std::uint64_t>> index(std::string owner) = 0;

    /// Forgets an owner's index; it is made anew, in time, if he has an archive.
    virtual Task<Result<void>> forget(std::string owner) = 0;

    /// The same for some owners of archives on a host (empty: on any). `from`: empty at first, then
    /// what it gave to go on with.
    virtual Task<Result<SearchOwners>> begin_anew(std::string host, std::string from) = 0;
};

} // namespace sarang
