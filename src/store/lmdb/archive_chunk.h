// SPDX-License-Identifier: Apache-2.0
// Chunks: which entries of an archive are with one party: a row of ids, each with 16 bits of the
// hash of its message_id. A row is a version, the last id, and of each entry how far its id is
// from the one before (the first one's is the row's key).
#pragma once

#include "base/api.h"
#include "store/archive_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

struct ChunkEntry {
    ArchiveId id = ArchiveId::none;
    std::uint16_t mark = 0;

    bool operator==(const ChunkEntry&) const = default;
};

/// What marks an entry of this message_id.
SARANG_API std::uint16_t chunk_mark(std::string_view message_id);

/// A row that is as large as this is not added to.
inline constexpr std::size_t chunk_size = 1024;

/// Requires entries in order, at least one.
SARANG_API std::string write_chunk(std::span<const ChunkEntry> entries);

/// The row with more entries, which follow its own.
SARANG_API std::string extend_chunk(std::string_view row, std::span<const ChunkEntry> entries);

/// The last id of a row; nothing when it is damaged.
SARANG_API std::optional<ArchiveId> last_of_chunk(std::string_view row);

/// The entries of a row whose key says that the first one is `first`.
SARANG_API std::optional<std::vector<ChunkEntry>> read_chunk(ArchiveId first, std::string_view row);

} // namespace sarang::lmdb
