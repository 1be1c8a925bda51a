// SPDX-License-Identifier: Apache-2.0
// Indexer: keeps the search index up with the archive's blocks, in small transactions, while the
// index's writer is idle. What is to be done is in memory alone: after a start, a walk over all
// owners finds it again. The index's writer alone uses it.
#pragma once

#include "base/api.h"
#include "base/counter.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/index_lag.h"
#include "store/lmdb/reader.h"
#include "store/lmdb/search_postings.h"
#include "store/lmdb/storage.h"
#include "store/lmdb/worker.h"
#include "store/search_words.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// Written by the writer, read by any thread.
struct IndexCounts {
    IndexCounts() = default;

    explicit IndexCounts(std::uint64_t max_lag)
        : lag{max_lag}
    {}

    Counter entries; ///< that were taken up
    Counter anew;    ///< owners whose index was damaged, and is made anew
    Gauge waiting;   ///< things to do
    IndexLag lag;    ///< anybody writes that
};

class SARANG_API Indexer final : public IdleWork {
public:
    struct Parts {
        Environment::Ptr archive;
        Environment::Ptr index;
        SearchedText text; ///< or none: then there is nothing to do
        std::string mark;  ///< a file that is made where the index as a whole is damaged
        std::chrono::nanoseconds delay; ///< from what is noted to what is done
    };

    Indexer(Parts parts, IndexCounts& counts);
    ~Indexer() override;

    std::optional<std::chrono::nanoseconds> due() override;
    void work() override;

    /// An owner has entries in blocks that are not indexed, or fewer than before.
    void note(std::string_view owner);
    /// Some owners may.
    void note_all();

    struct Step {
        std::uint64_t entries = 0;  ///< that were taken up
        bool complete = true;       ///< nothing of the owner's blocks is left
        std::uint64_t postings = 0; ///< that were written
    };

    // In transactions of the index; they may be undone, and called again.

    /// Takes up a bounded part of what an owner's blocks have beyond the index.
    Result<Step> index(WriteTransaction& transaction, const std::string& owner);
    /// Forgets what an entry says.
    Result<void>
    blank(WriteTransaction& transaction, const std::string& owner, const ArchiveEntry& entry);
    /// Gives up an owner's index.
    void give_up(WriteTransaction& transaction, std::string_view owner);
    /// The same for one that is damaged; it is made anew.
    void damaged(WriteTransaction& transaction, const std::string& owner);
    /// Gives up the index of some owners of a host (empty: of any), from a row on, and notes them;
    /// their names. `from` is where to go on, empty at the end.
    Result<std::vector<std::string>>
    begin_anew(WriteTransaction& transaction, std::string_view host, std::string& from);

private:
    struct Part;

    using Deed = void (Indexer::*)(WriteTransaction& transaction);

    Result<Step> take_up(WriteTransaction& transaction, const std::string& owner);
    void put_first(const std::string& owner);
    bool commit(Deed deed);
    void delay(std::chrono::nanoseconds pause);
    bool erase_some();
    bool index_some();
    void put_off();
    bool walk_some();
    void erase_rows(WriteTransaction& transaction);
    void index_owners(WriteTransaction& transaction);
    void find_orphans(WriteTransaction& transaction);

    Result<Part> read_part(const std::string& owner, ArchiveId after);
    void condemn(int code);
    bool is_behind(ReadTransaction& archive, const std::string& owner, std::uint64_t id);
    std::vector<Posting> postings_of(const std::vector<ArchiveEntry>& entries);
    void count();

    Parts parts_;
    IndexCounts& counts_;
    Reader archive_;
    Reader index_;
    BlockCodec codec_;
    SearchWords words_;

    std::deque<std::string> waiting_; ///< owners, each once
    std::set<std::string, std::less<>> noted_;
    std::size_t finished_ = 0; ///< of those, by the transaction that is under way
    std::size_t alone_ = 0;    ///< so many get one each, since one with several failed
    bool void_ = true;         ///< there may be rows to erase

    enum class Walk : std::uint8_t { none, archive, index };
    Walk walk_ = Walk::archive;
    std::string walked_; ///< the row of owners to go on from
    bool walk_again_ = false;

    std::optional<std::chrono::steady_clock::time_point> due_;
    bool broken_ = false; ///< the index as a whole
};

} // namespace sarang::lmdb
