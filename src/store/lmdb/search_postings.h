// SPDX-License-Identifier: Apache-2.0
// The rows of the search index: (owner, hash of a term) -> ids of the entries that have it. Two
// terms may share a hash: whoever follows an id looks whether the words are there.
#pragma once

#include "store/lmdb/search_chunk.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <vector>

namespace sarang::lmdb {

/// That an entry has a term, which is known by its frozen_hash().
struct Posting {
    std::uint64_t term = 0;
    ArchiveId id = ArchiveId::none;

    auto operator<=>(const Posting&) const = default;
};

// These three return false when a row is damaged; what they have done till then is to be given up
// with all that the owner has.

/// Adds postings, sorted and each once, of entries that follow all that an owner's index has.
bool add_terms(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings);

/// Removes those of them that there are.
bool remove_terms(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings);

/// Where a walk stands that drops what is below an id.
struct Pruning {
    std::uint64_t owner = 0;
    ArchiveId bound = ArchiveId::none;
    std::uint64_t term = 0; ///< the first one that is not done
    bool done = false;
};

/// Goes on with it, for about as many rows.
bool prune_terms(WriteTransaction& transaction, Pruning& pruning, std::size_t rows);

/// Walks the entries that have one term.
class TermWalk {
public:
    TermWalk(ReadTransaction& transaction, std::uint64_t owner, std::uint64_t term);

    /// The first one at or above an id.
    std::optional<ArchiveId> at_or_after(ArchiveId id);
    /// The last one at or below an id.
    std::optional<ArchiveId> at_or_before(ArchiveId id);

private:
    bool read();

    ReadTransaction& transaction_;
    Key prefix_;
    Cursor cursor_;
    std::vector<ArchiveId> chunk_;
};

/// Finds the entries that have all of some terms, in either direction. The walks take turns: each
/// goes on to where the others cannot be before.
class Intersection {
public:
    Intersection(
        ReadTransaction& transaction,
        std::uint64_t owner,
        std::span<const std::uint64_t> terms,
        bool backwards);

    /// To the next one, at `from` or beyond it, in so many steps at the most, which are taken off;
    /// nothing when there is none, or no step was left.
    std::optional<ArchiveId> next(ArchiveId from, std::size_t& steps);

    /// Beyond what, where no step was left, there still may be some: this one and what follows.
    ArchiveId reached() const { return reached_; }

private:
    bool backwards_;
    std::list<TermWalk> walks_; // a walk does not move
    ArchiveId reached_ = ArchiveId::none;
};

} // namespace sarang::lmdb
