// SPDX-License-Identifier: Apache-2.0
// SearchPage: a page of the entries that have some words, out of the index as far as that goes,
// and of a look at what is not indexed yet. It is bounded, and says how far it came. On a worker.
#pragma once

#include "store/archive_store.h"
#include "store/lmdb/archive_pages.h"
#include "store/lmdb/search_index.h"
#include "store/lmdb/storage.h"
#include "store/search_words.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sarang::lmdb {

class SearchPage {
public:
    SearchPage(ArchiveQuery query, std::string_view words, SearchedText text);

    /// There is nothing to look for.
    bool empty() const { return request_.empty(); }

    const std::string& owner() const { return query_.owner; }

    /// Looks into the index, which has the archive up to an id that is returned by indexed().
    void find(ArchiveReader& archive, ReadTransaction& index);
    /// Looks at every entry, where there is no index to be read.
    void scan(ArchiveReader& archive);

    /// It was given up among what is not indexed.
    bool behind() const { return behind_; }

    ArchivePage take() &&;

private:
    /// How a part of the search came to its end.
    enum class End : std::uint8_t { exhausted, full, given_up };

    bool narrow(ArchiveReader& archive);
    void end(ArchiveReader& archive, End end);
    End look_up(ArchiveReader& archive, ReadTransaction& index, std::uint64_t owner);
    End look_up(ArchiveReader& archive, ReadTransaction& index, const SearchSegment& segment);
    End look_at_all(ArchiveReader& archive);
    End look_at(const ArchivePage& page);
    bool room_for(const BlockEntry& entry);
    bool fits(const BlockEntry& entry);
    std::optional<ArchiveId> place_behind(ArchiveReader& archive, ArchiveId id) const;
    ArchiveId place_before(ArchiveReader& archive, ArchiveId id) const;

    ArchiveQuery query_;
    SearchedText text_;
    SearchWords words_;
    SearchRequest request_;
    std::vector<std::uint64_t> terms_;
    ArchiveId indexed_ = ArchiveId::none;
    ArchivePage page_; ///< in the order in which they were found
    std::size_t bytes_ = 0;
    std::size_t steps_;
    std::size_t looks_;
    ArchiveId next_ = ArchiveId::none; ///< where it was given up: this one was not looked at
    bool behind_ = false;
};

} // namespace sarang::lmdb
