// SPDX-License-Identifier: Apache-2.0
// What the search index has of an owner, and how it is given up: his number is noted as void at
// once, and its rows are erased bit by bit.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

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

/// Gives up what there is of an owner; whether there was anything.
SARANG_API bool void_index(WriteTransaction& transaction, std::string_view owner);

/// Erases about that many rows of what was given up; whether there may be more.
bool erase_void(WriteTransaction& transaction, std::size_t rows);

/// Whether it is time to drop what an archive has no more, which begins with `first` now: it is a
/// part of the whole that is worth the walk.
SARANG_API bool prune_is_due(const SearchHead& head, ArchiveId first);

/// The way in which an index is written; another one is made anew.
inline constexpr std::uint64_t search_format = 2;

std::uint64_t stored_search_format(ReadTransaction& transaction);
void put_search_format(WriteTransaction& transaction);

} // namespace sarang::lmdb
