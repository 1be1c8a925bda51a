// SPDX-License-Identifier: Apache-2.0
// The rows of the search index: (owner, hash of a term) -> ids of the entries that have it. Two
// terms may share a hash: whoever follows an id looks whether the words are there.
#pragma once

#include "store/lmdb/search_chunk.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace sarang::lmdb {

/// By frozen_hash() of a term: the entries that have it, in order.
using TermIds = std::map<std::uint64_t, std::vector<ArchiveId>>;

/// Adds entries that follow all that an owner's index has.
void add_terms(WriteTransaction& transaction, std::uint64_t owner, const TermIds& terms);

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

/// Ids between two bounds (exclusive; none: no bound) that have all terms, at most `limit` of them:
/// the first ones, in order, or backwards: the last ones, from the last on.
struct TermQuery {
    std::span<const std::uint64_t> terms;
    ArchiveId after = ArchiveId::none;
    ArchiveId before = ArchiveId::none;
    bool backwards = false;
    std::size_t limit = 0;
};

std::vector<ArchiveId>
find_terms(ReadTransaction& transaction, std::uint64_t owner, const TermQuery& query);

} // namespace sarang::lmdb
