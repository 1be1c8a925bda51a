// SPDX-License-Identifier: Apache-2.0
// ArchiveTails: what a shard's archives have beyond their blocks: entries whose bytes stand in
// batches, which are (or will be) rows of the journal. Owns those bytes. One shard's.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_fold.h"
#include "store/lmdb/archive_pages.h"
#include "store/lmdb/archive_tail.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// From the least to the greatest of some ids.
struct IdRange {
    ArchiveId least{~std::uint64_t{0}};
    ArchiveId greatest = ArchiveId::none;

    void add(ArchiveId id)
    {
        least = std::min(least, id);
        greatest = std::max(greatest, id);
    }

    bool contains(ArchiveId id) const { return id >= least && id <= greatest; }
};

struct Batch {
    JournalBytes bytes;
    std::uint64_t row = 0; ///< of the journal, once durable
    AppendTicket last_ticket = AppendTicket::none;
    IdRange ids;
    std::size_t entries = 0; ///< that are in no block
    Clock::Time since;
};

class SARANG_API ArchiveTails {
public:
    /// The owner's tail, a new one if need be.
    Tail& need(std::string_view owner) { return tails_.need(owner); }

    Tail* find(std::string_view owner) { return tails_.find(owner); }

    /// Forgets a tail that holds nothing.
    void tidy(std::string_view owner);

    /// The batch that the next entries go to, and its bytes so far.
    BatchNumber open_batch() const { return first_ + batches_.size(); }

    BytesWriter& open_bytes() { return open_; }

    /// Notes a record that was written to the open batch, from an offset on.
    void note(Tail& tail, const JournalRecord& record, std::size_t offset);

    bool open_empty() const { return open_entries_ == 0; }

    /// Closes the open batch and begins another.
    const Batch& close_batch(AppendTicket last_ticket, Clock::Time now);
    /// Takes a row of the journal as a batch that is durable; restore() notes what of it is in no
    /// block, one entry at least.
    BatchNumber add_durable(std::uint64_t row, JournalBytes bytes, Clock::Time now);
    void restore(std::string_view owner, const TailPlace& place);
    /// Puts in order what was restored.
    void sort();

    /// All up to and with a batch are settled: this one is durable now, in a row.
    void settle(BatchNumber batch, std::uint64_t row);
    /// This one is settled, and nothing of it is kept.
    void fail(BatchNumber batch);

    BatchNumber unsettled() const { return unsettled_; } ///< the first one

    const Batch& batch(BatchNumber number) const { return batches_[number - first_]; }

    bool settled(const TailPlace& place) const { return place.batch < unsettled_; }

    /// The record at a place.
    std::optional<JournalRecord> record(const TailPlace& place) const;

    TailView view(std::string_view owner);

    /// What of an owner is settled, or much of it, to be folded; he is marked as being folded.
    std::optional<FoldPart> take(std::string_view owner, std::vector<JournalBytes>& bytes);
    /// Those rows whose entries are all in these parts.
    std::vector<std::uint64_t> spent_by(const std::vector<FoldPart>& parts) const;
    /// A part of these is in blocks now, or is to be folded later.
    void folded(const FoldPart& part);
    void not_folded(const FoldPart& part);

    /// Forgets what an owner has in rows below one.
    void forget(std::string_view owner, std::uint64_t row);

    /// Rows of the journal that nobody needs any more: what they had was folded or forgotten.
    const std::vector<std::uint64_t>& empty_rows() const { return empty_rows_; }

    /// These are gone.
    void erased(std::vector<std::uint64_t> rows);

    /// Owners with a block's worth, oldest first.
    std::deque<std::string>& ripe() { return ripe_; }

    /// The oldest batch that holds anything, if it is durable.
    const Batch* oldest() const;
    /// Where a row that still stands has an entry that is in a block by now.
    std::optional<TailPlace> find_folded(ArchiveId id) const;

    std::vector<std::string> owners() const;
    /// Owners of a host with settled entries below an id.
    std::vector<std::string> owners_below(std::string_view host, ArchiveId bound) const;

    std::size_t bytes() const { return bytes_; }

    std::size_t unsettled_bytes() const { return unsettled_bytes_; }

    ArchiveId greatest_settled() const { return greatest_settled_; }

private:
    std::string_view bytes_of(BatchNumber batch) const;

    Batch& at(BatchNumber number) { return batches_[number - first_]; }

    void drop(BatchNumber batch, std::size_t entries);
    void release_front();
    void remove_places(Tail& tail, std::vector<TailPlace>::iterator end);
    void ripen(Tail& tail);

    TailIndex tails_;
    std::deque<std::string> ripe_;
    std::deque<Batch> batches_;
    BatchNumber first_ = 0; ///< that of the first one in batches_
    BatchNumber unsettled_ = 0;
    BytesWriter open_;
    std::size_t open_entries_ = 0;
    IdRange open_ids_;
    std::vector<std::uint64_t> empty_rows_;
    ArchiveId greatest_settled_ = ArchiveId::none;
    std::size_t bytes_ = 0; ///< of closed batches
    std::size_t unsettled_bytes_ = 0;
};

} // namespace sarang::lmdb
