// SPDX-License-Identifier: Apache-2.0
// What the search index has of an owner: a head, and segments with their rows. How it is given up:
// segments are noted as void at once, and their rows are erased bit by bit.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/search_postings.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

struct SearchHead {
    ArchiveId indexed = ArchiveId::none; ///< the last entry that was taken up
    ArchiveId pruned = ArchiveId::none;  ///< nothing is left of what was below this

    bool operator==(const SearchHead&) const = default;
};

/// Nothing when there is none, or it is damaged: what is taken up anew then meets the old rows.
SARANG_API std::optional<SearchHead> search_head(ReadTransaction& transaction, std::uint64_t owner);
SARANG_API void
put_search_head(WriteTransaction& transaction, std::uint64_t owner, const SearchHead& head);

/// A part of an owner's index: entries that follow one another, with rows of their own. What comes
/// makes a small one, so that little is written; small ones are merged into larger ones.
struct SearchSegment {
    ArchiveId first = ArchiveId::none;
    ArchiveId last = ArchiveId::none;
    std::uint64_t number = 0; ///< under which its rows are
    std::uint64_t entries = 0;
    std::uint64_t postings = 0; ///< when it was written
};

/// In order; nothing when a record is damaged.
SARANG_API std::optional<std::vector<SearchSegment>>
search_segments(ReadTransaction& transaction, std::uint64_t owner);

/// Adds one, behind all others, with postings as add_terms() takes them.
SARANG_API void add_segment(
    WriteTransaction& transaction,
    std::uint64_t owner,
    SearchSegment segment,
    std::span<const Posting> postings);

/// Takes postings as above away, of an entry; false when a record or a row is damaged.
bool remove_from_segment(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings);

/// Merges the last ones where there are many, unless they are too large for one transaction; false
/// when a record or a row is damaged.
SARANG_API bool merge_segments(WriteTransaction& transaction, std::uint64_t owner);

/// Drops what was below an id; false when a record or a row is damaged.
bool prune_segments(WriteTransaction& transaction, std::uint64_t owner, ArchiveId bound);

/// Gives up what there is of an owner; whether there was anything.
SARANG_API bool void_index(WriteTransaction& transaction, std::string_view owner);

/// Erases about that many rows of what was given up, or merged; whether there may be more.
bool erase_void(WriteTransaction& transaction, std::size_t rows);

/// Whether it is time to drop what an archive has no more, which begins with `first` now: it is a
/// part of the whole that is worth it.
SARANG_API bool prune_is_due(const SearchHead& head, ArchiveId first);

/// The way in which an index is written; another one is made anew.
inline constexpr std::uint64_t search_format = 4;

std::uint64_t stored_search_format(ReadTransaction& transaction);
void put_search_format(WriteTransaction& transaction);

} // namespace sarang::lmdb
