// SPDX-License-Identifier: Apache-2.0
// Search: the SearchStore over an LMDB environment of its own, so that what it writes holds up
// nobody who waits for the archive. Its writer keeps it up with the archive when it is idle;
// searches run on workers, and look themselves at what is not indexed yet.
#pragma once

#include "store/lmdb/archive_follower.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/holes.h"
#include "store/lmdb/search_environment.h"
#include "store/lmdb/search_indexer.h"
#include "store/search_store.h"

#include <memory>
#include <string>
#include <vector>

namespace sarang::lmdb {

class Archive;
class SearchPage;

class Search final : public SearchStore, public ArchiveFollower {
public:
    /// `archive` must outlive it.
    Search(
        SearchEnvironment opened,
        const LmdbOptions& options,
        WorkerPool& workers,
        Archive& archive);

    Task<Result<ArchivePage>> search(ArchiveQuery query, std::string words) override;
    Task<Result<std::uint64_t>> index(std::string owner) override;
    Task<Result<void>> forget(std::string owner) override;
    Task<Result<SearchOwners>> begin_anew(std::string host, std::string from) override;

    void folded(std::string_view owner, std::uint64_t entries) override;
    void make_room() override;
    void shortened(std::string_view owner) override;
    Task<Result<void>> blank(std::string owner, ArchiveEntry entry) override;

    /// Of what the index has; as give_back() of an engine.
    Task<Result<std::uint64_t>> give_back() { return lmdb::give_back(engine_); }

    Task<void> close();
    void stop();

    const Environment::Ptr& environment() const { return engine_.environment(); }

    /// Fills in what there is to tell of it.
    void count(StorageStats& stats) const;

private:
    class Note;
    struct Found;

    Task<Result<Found>> look(ArchiveQuery query, std::string words);
    Task<void> catch_up(std::string owner);
    void note(std::string_view owner);
    Task<Result<std::uint64_t>> mend(std::string owner);

    bool anew_; ///< the index as a whole was put aside
    IndexCounts counts_;
    Indexer indexer_; ///< the writer's, which ends with the engine
    Engine engine_;
    Archive& archive_;
    SearchedText text_; ///< may be none
};

} // namespace sarang::lmdb
