// SPDX-License-Identifier: Apache-2.0
// Search: the SearchStore over an LMDB environment of its own, so that what it writes holds up
// nobody who waits for the archive. Any shard; texts are cut into words on a worker.
#pragma once

#include "store/lmdb/engine.h"
#include "store/lmdb/search_postings.h"
#include "store/search_store.h"

#include <string>
#include <utility>
#include <vector>

namespace sarang::lmdb {

class Search final : public SearchStore {
public:
    /// `archive` must outlive it.
    Search(
        Environment::Ptr environment,
        const LmdbOptions& options,
        WorkerPool& workers,
        ArchiveStore& archive)
        : engine_{std::move(environment), options, workers}
        , archive_{archive}
        , text_{options.searched_text}
    {}

    Task<Result<ArchivePage>> search(ArchiveQuery query, std::string words) override;
    Task<Result<std::uint64_t>> index(std::string owner) override;
    Task<Result<void>> forget(std::string owner) override;

    Task<void> close() { return engine_.close(); }

    void stop() { engine_.stop(); }

private:
    class Hits;

    Task<Result<void>> catch_up(std::string owner);
    Task<Result<ArchiveId>> indexed(std::string owner);
    Task<Result<std::vector<ArchiveId>>> candidates(const Hits& hits, std::size_t limit);

    Engine engine_;
    ArchiveStore& archive_;
    SearchedText text_; ///< may be none
};

} // namespace sarang::lmdb
