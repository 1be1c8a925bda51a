// SPDX-License-Identifier: Apache-2.0
// Mending: what a repair does to the rows of an archive, kind by kind, a bounded part of one kind
// at a time. Each part leaves all as a query may find it.
#pragma once

#include "store/archive_query.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <cstdint>
#include <string_view>

namespace sarang::lmdb {

/// What all of them work on.
struct Mending {
    WriteTransaction& transaction;
    BlockCodec& codec;
    std::uint64_t owner;
    ArchiveRepair&
        repair; ///< goes on at its place, which is empty where nothing of this kind is left

    /// Notes where entries may be gone; which ones are is told by what leads to them.
    void suspect(ArchiveId first, ArchiveId last) const;
    bool is_suspect(ArchiveId id) const;
    /// Notes that one is.
    void lose(ArchiveId id) const;
};

/// Puts blocks in the place of damaged ones, and has the lists lead to all of their entries.
void mend_blocks(const Mending& mending, SoundStanza sound);

/// Which entries are with a party: all places that lead to no entry of that party go.
void mend_parties(const Mending& mending);

/// What refers to what, in the same way.
void mend_references(const Mending& mending);

/// What is lost is unread no more, and nobody's last message.
void mend_inbox(const Mending& mending);

/// Has the lists lead to an entry; whether they did not.
bool add_missing_postings(const Mending& mending, const BlockEntry& entry);

/// Whether the lists know of an entry. They may be damaged, too.
enum class Listed : std::uint8_t { no, yes, unknown };

Listed
listed_with_party(ReadTransaction& transaction, std::uint64_t owner, const BlockEntry& entry);

} // namespace sarang::lmdb
