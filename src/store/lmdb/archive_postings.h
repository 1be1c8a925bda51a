// SPDX-License-Identifier: Apache-2.0
// Postings: by what entries are found besides their ids: the other party, and what they refer to.
// All is by hashes: whoever follows one looks whether it leads to what he sought.
#pragma once

#include "store/lmdb/archive_chunk.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// Adds entries that follow all that an archive has.
void add_postings(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries);

/// Drops those of entries that are removed: the first ones of an archive.
void drop_postings(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries);

/// Drops those of all entries below an id where it is not known what they are.
void sweep_postings(WriteTransaction& transaction, std::uint64_t owner, ArchiveId below);

/// Walks the ids of the entries with one party, in either direction.
class PostingWalk {
public:
    PostingWalk(ReadTransaction& transaction, std::uint64_t owner, std::string_view with);

    /// To the first one above an id; false when there is none.
    bool seek_after(ArchiveId id);
    /// To the last one below an id; false when there is none.
    bool seek_before(ArchiveId id);
    bool next();
    bool previous();

    /// Of the one it stands on.
    const ChunkEntry& entry() const { return chunk_[at_]; }

    /// It ended where a chunk is damaged, not where there are no more.
    bool broken() const { return broken_; }

private:
    bool read();

    ReadTransaction& transaction_;
    Key prefix_;
    Cursor cursor_;
    std::vector<ChunkEntry> chunk_;
    std::size_t at_ = 0;
    bool broken_ = false;
};

/// The ids of at most `limit` entries that may refer to a message_id, in order.
std::vector<ArchiveId> references_to(
    ReadTransaction& transaction,
    std::uint64_t owner,
    std::string_view message_id,
    std::size_t limit);

} // namespace sarang::lmdb
