// SPDX-License-Identifier: Apache-2.0
// The rows of the search index: (segment, hash of a term) -> ids of the entries that have it. Two
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

/// Adds postings, sorted and each once, to a segment that has none.
void add_terms(
    WriteTransaction& transaction, std::uint64_t segment, std::span<const Posting> postings);

/// Removes those of them that there are; false when a row is damaged.
bool remove_terms(
    WriteTransaction& transaction, std::uint64_t segment, std::span<const Posting> postings);

/// Appends all that a segment has, in order; false when a row is damaged.
bool read_terms(
    ReadTransaction& transaction, std::uint64_t segment, std::vector<Posting>& postings);

/// Walks the entries of a segment that have one term.
class TermWalk {
public:
    TermWalk(ReadTransaction& transaction, std::uint64_t segment, std::uint64_t term);

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

/// Finds the entries of a segment that have all of some terms, in either direction. The walks take
/// turns: each goes on to where the others cannot be before.
class Intersection {
public:
    Intersection(
        ReadTransaction& transaction,
        std::uint64_t segment,
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
