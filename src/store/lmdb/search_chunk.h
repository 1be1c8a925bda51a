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

/// A row that is as large as this is not added to.
inline constexpr std::size_t search_chunk_size = 1024;

/// Requires ids in order, at least one, of one bucket.
SARANG_API std::string write_search_chunk(std::span<const ArchiveId> ids);

/// The row with more ids; nothing when it is damaged, or they do not follow its own.
SARANG_API std::optional<std::string>
extend_search_chunk(std::string_view row, std::span<const ArchiveId> ids);

/// The last id of a row; nothing when its head is damaged.
SARANG_API std::optional<ArchiveId> last_in_search_chunk(std::string_view row);

/// The ids of a row whose key says that the first one is `first`; nothing when it is damaged.
SARANG_API std::optional<std::vector<ArchiveId>>
read_search_chunk(ArchiveId first, std::string_view row);

} // namespace sarang::lmdb
