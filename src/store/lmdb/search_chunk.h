// SPDX-License-Identifier: Apache-2.0
// Chunks of the search index: which entries of an archive have one term, a row of ids. A row is a
// version, the last id, and of each id how far it is from the one before (the first one's is the
// row's key), without the bucket, which all ids of one archive share.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// How many ids a row has at the most: it is decoded as a whole.
inline constexpr std::size_t search_chunk_ids = 400;

/// Requires ids in order, at least one, of one bucket.
SARANG_API std::string write_search_chunk(std::span<const ArchiveId> ids);

/// The ids of a row whose key says that the first one is `first`; nothing when it is damaged.
SARANG_API std::optional<std::vector<ArchiveId>>
read_search_chunk(ArchiveId first, std::string_view row);

} // namespace sarang::lmdb
