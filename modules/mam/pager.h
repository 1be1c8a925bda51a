// SPDX-License-Identifier: Apache-2.0
// ArchivePager: finds what a client has asked for in an archive. A page is bounded by its entries
// and by their bytes; it costs what it holds, wherever it stands.
#pragma once

#include "core/archive_ids.h"
#include "store/archive_store.h"
#include "store/search_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modules/mam/entry.h"
#include "modules/mam/request.h"

namespace sarang {

struct ArchiveResult {
    std::vector<ArchiveHit> hits; ///< in the order that was asked for
    bool complete = true;         ///< nothing of the result is left beyond them, that way
    ArchiveId first = ArchiveId::none;
    ArchiveId last = ArchiveId::none;   ///< where the next page begins, also when there are no hits
    std::optional<std::uint64_t> count; ///< of all that match, where that is known
};

class ArchivePager {
public:
    struct Bounds {
        std::size_t entries;
        std::size_t bytes;
    };

    struct Stores {
        ArchiveStore& archive;
        SearchStore& search;
    };

    /// On the shard of the owner's bucket; all must outlive the tasks.
    ArchivePager(Stores stores, ArchiveIds& ids, std::string owner, Bounds bounds)
        : store_{stores.archive}
        , search_{stores.search}
        , ids_{ids}
        , owner_{std::move(owner)}
        , bounds_{bounds}
    {}

    /// item-not-found for an id that is not in the archive (XEP-0313 §4.1.3, §4.3.2). Once only.
    Task<Result<ArchiveResult>> find(ArchiveRequest request);

private:
    Task<Result<void>> narrow();
    Task<Result<ArchiveId>> known(std::string id);
    Task<Result<void>> keep_after(std::string id);
    Task<Result<void>> keep_before(std::string id);
    void after(ArchiveId bound);
    void before(ArchiveId bound);
    bool is_void() const;
    bool is_in(const ArchiveEntry& entry) const;
    Task<Result<void>> count();
    Task<Result<ArchivePage>> read_page();
    Task<Result<void>> read_ids();
    Task<Result<void>> read_pages();
    Task<Result<bool>> take(ArchiveEntry entry);
    Task<Result<void>> add_references(ArchiveHit& hit, std::string message_id);
    void arrange();

    ArchiveStore& store_;
    SearchStore& search_;
    ArchiveIds& ids_;
    std::string owner_;
    Bounds bounds_;
    ArchiveRequest request_;
    ArchiveQuery query_;
    ArchiveResult result_;
    std::size_t limit_ = 0;
    std::size_t bytes_ = 0;
    ArchiveId seen_ = ArchiveId::none; ///< the last one that was looked at
};

} // namespace sarang
