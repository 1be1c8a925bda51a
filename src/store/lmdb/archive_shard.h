// SPDX-License-Identifier: Apache-2.0
// ArchiveShard: one shard's part of the archive. It takes appends in, hands what a turn brought to
// the writer as one row of the journal, tells how that settled, and has entries folded into
// blocks. Its shard's thread uses it alone; what it gives the writer owns all that it uses.
#pragma once

#include "base/oneshot.h"
#include "base/task.h"
#include "net/link.h"
#include "net/timer.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_changes.h"
#include "store/lmdb/archive_follower.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_tails.h"
#include "store/lmdb/engine.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

class ArchiveShard final : private TurnEnd {
public:
    struct Bounds {
        std::size_t waiting_bytes; ///< appends that may wait for the disk
        std::size_t tail_bytes;    ///< what may be kept in memory before it is folded
    };

    /// `writing` is used on the writer alone. All must outlive it.
    ArchiveShard(Engine& engine, BlockCodec& writing, const Clock& clock, Bounds bounds);

    /// What the journal had, before the shard begins.
    ArchiveTails& tails() { return tails_; }

    void begin(ArchiveId mark) { ids_.emplace(mark); }

    void follow(ArchiveFollower& follower) { follower_ = &follower; }

    Result<Appended> append(const ArchiveDraft& draft);
    void on_settled(std::function<void(const Settlement&)> listener);

    TailView view(std::string_view owner) { return tails_.view(owner); }

    /// Unpacks for reads on the shard.
    BlockCodec& codec() { return reading_; }

    /// Done when all that is settled of an owner is in blocks.
    Task<Result<void>> fold(std::string owner);
    /// The same for all owners of a host with entries below an id.
    Task<Result<void>> fold_old(std::string host, ArchiveId bound);
    /// The same for all.
    Task<Result<void>> fold_all();

    /// Where the journal still has the stanza of an entry that is in a block.
    std::optional<JournalPlace> journal_place(ArchiveId id) const;

    /// Forgets what an owner has in rows of the journal below one, also on the disk where a row
    /// holds nothing else; soon.
    void forget(std::string_view owner, std::uint64_t row);

    /// Hands what was appended till now to the writer.
    void hand_over();
    /// Takes no more, and folds no more.
    void close();

private:
    class BatchJob;
    class FoldJob;

    /// Of the writer, to a batch.
    struct Answer {
        AppendOutcome outcome;
        std::uint64_t row; ///< of the journal
    };

    void on_turn_end() override { hand_over(); }

    bool full() const;
    void note_load();
    void look_whether_idle();
    ArchiveId write(const ArchiveDraft& draft);

    void answered(BatchNumber batch, AppendOutcome outcome, std::uint64_t row);
    void settle(BatchNumber batch);
    void tell(const Settlement& settlement);

    bool pressed() const;
    void fold_some();
    void take_ripe(Fold& deed, std::size_t& bytes);
    void take_old(Fold& deed, std::size_t& bytes);
    bool take(Fold& deed, std::string_view owner, std::size_t& bytes);
    Result<void> start(Fold deed);
    void folded(const Fold& deed, const std::optional<Error>& error);

    Engine& engine_;
    BlockCodec& writing_;
    const Clock& clock_;
    const Bounds bounds_;
    BlockCodec reading_;
    ArchiveTails tails_;
    std::optional<ArchiveIds> ids_;
    ArchiveFollower* follower_ = nullptr; ///< or none
    std::uint64_t tickets_ = 0;
    std::vector<std::function<void(const Settlement&)>> listeners_;
    std::deque<std::optional<Answer>> answers_; ///< of the batches that are unsettled
    Timer idle_{Timer::calls<&ArchiveShard::look_whether_idle>(*this)};
    Clock::Time last_append_{};
    std::size_t folded_bytes_ = 0; ///< that the allocator may hold by now
    bool counted_behind_ = false;
    bool fold_failed_ = false;  ///< the last one
    bool idle_folding_ = false; ///< nothing comes: all goes into blocks
    bool folding_ = false;
    bool closed_ = false;
    std::vector<std::unique_ptr<Oneshot<Result<void>>::Sender>> waiting_; ///< for a fold's end
};

} // namespace sarang::lmdb
