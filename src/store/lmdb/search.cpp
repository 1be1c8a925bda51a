// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search.h"

#include "base/log.h"
#include "store/lmdb/archive.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/search_page.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sarang::lmdb {
namespace {

const Log log{"search"};

// How many entries a search has taken up where much is missing, or as many as an index may lag;
// then it looks at the rest itself, page by page.
constexpr std::uint64_t least_caught_up = 8192;
// Of the archive's writer, for the index. That it has to wait so long is no usual thing.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::seconds{1};
constexpr std::size_t note_size = 128; // about

} // namespace

/// Tells the writer of an owner. Nobody waits for it, and what is lost is found by the next walk.
class Search::Note final : public WriteJob {
public:
    Note(Indexer& indexer, std::string_view owner)
        : WriteJob{Shard::current(), note_size}
        , indexer_{indexer}
        , owner_{owner}
    {}

    void run(WriteTransaction&) override
    {
        owner_.empty() ? indexer_.note_all() : indexer_.note(owner_);
    }

    void refuse(const Error&) override {}

    void open(Shard&) override {}

private:
    Indexer& indexer_;
    const std::string owner_;
};

/// What came of a look.
struct Search::Found {
    ArchivePage page;
    bool behind = false;  ///< much is not indexed
    bool damaged = false; ///< the index cannot be read
};

Search::Search(
    SearchEnvironment opened, const LmdbOptions& options, WorkerPool& workers, Archive& archive)
    : anew_{opened.anew}
    , counts_{options.max_index_lag}
    , indexer_{Indexer::Parts{archive.environment(), opened.environment, options.searched_text,
               search_damage_mark(options), options.index_delay}, counts_}
    , engine_{std::move(opened.environment), options, workers, &indexer_}
    , archive_{archive}
    , text_{options.searched_text}
{}

Task<Result<ArchivePage>> Search::search(ArchiveQuery query, std::string words)
{
    if (text_ == nullptr) {
        co_return ArchivePage{};
    }
    Found found = co_await ok(look(query, words));
    if (found.behind) {
        Task<void> catching_up = catch_up(query.owner);
        co_await catching_up;
        found = co_await ok(look(query, words));
    }
    if (found.damaged) {
        Task<Result<std::uint64_t>> mending = mend(query.owner);
        static_cast<void>(co_await mending);
    }
    co_return std::move(found.page);
}

Task<Result<Search::Found>> Search::look(ArchiveQuery query, std::string words)
{
    std::string owner = query.owner;
    auto work = [environment = engine_.environment(),
                 query = std::move(query),
                 words = std::move(words),
                 text = text_](ArchiveReader& archive) -> Result<Found> {
        SearchPage page{query, words, text};
        if (page.empty()) {
            return Found{};
        }
        auto look = [&](ReadTransaction& index) -> Result<void> {
            page.find(archive, index);
            return {};
        };
        Reader once{*environment};
        if (once.read(look)) {
            const bool behind = page.behind();
            return Found{std::move(page).take(), behind, false};
        }
        SearchPage anew{query, words, text};
        anew.scan(archive);
        return Found{std::move(anew).take(), false, true};
    };
    auto looking = archive_.read_aside(std::move(owner), std::move(work));
    co_return co_await looking;
}

Task<void> Search::catch_up(std::string owner)
{
    Task<Result<void>> folding = archive_.fold(owner);
    const Result<void> folded = co_await folding;
    if (!folded) {
        log.debug("entries that are searched for stay in the journal: {}", folded.error().cause);
    }
    const std::uint64_t most = std::max(counts_.lag.most(), least_caught_up);
    for (std::uint64_t entries = 0; entries < most;) {
        Task<Result<std::uint64_t>> indexing = index(owner);
        const Result<std::uint64_t> more = co_await indexing;
        if (!more || *more == 0) {
            co_return;
        }
        entries += *more;
    }
    note(owner);
}

Task<Result<std::uint64_t>> Search::index(std::string owner)
{
    const std::size_t size = owner.size();
    auto work = [&indexer = indexer_,
                 owner = std::move(owner)](WriteTransaction& transaction) -> Result<std::uint64_t> {
        const auto step = indexer.index(transaction, owner);
        return step ? Result<std::uint64_t>{step->entries} : fail(step.error());
    };
    return engine_.write(size, std::move(work));
}

Task<Result<void>> Search::forget(std::string owner)
{
    auto look = [owner](ReadTransaction& transaction) -> Result<bool> {
        return find_owner(transaction, owner).has_value();
    };
    const bool known = co_await ok(engine_.read(std::move(look)));
    if (!known) {
        co_return Result<void>{};
    }
    auto work = [&indexer = indexer_, owner](WriteTransaction& transaction) -> Result<void> {
        indexer.give_up(transaction, owner);
        indexer.note(owner); // a namesake's may begin at once
        return {};
    };
    co_await ok(engine_.write(owner.size(), std::move(work)));
    co_return Result<void>{};
}

// What was found damaged is given up; the writer begins anew.
Task<Result<std::uint64_t>> Search::mend(std::string owner)
{
    log.error("the search index of {} cannot be read, and is made anew", owner);
    auto work = [&indexer = indexer_,
                 owner](WriteTransaction& transaction) -> Result<std::uint64_t> {
        indexer.damaged(transaction, owner);
        return std::uint64_t{0};
    };
    return engine_.write(owner.size(), std::move(work));
}

Task<Result<SearchOwners>> Search::begin_anew(std::string host, std::string from)
{
    const std::size_t size = host.size();
    auto work = [&indexer = indexer_, host = std::move(host), from = std::move(from)](
                    WriteTransaction& transaction) -> Result<SearchOwners> {
        SearchOwners owners;
        owners.next = from;
        auto names = indexer.begin_anew(transaction, host, owners.next);
        if (!names) {
            return fail(std::move(names).error());
        }
        owners.names = std::move(*names);
        return owners;
    };
    return engine_.write(size, std::move(work));
}

void Search::note(std::string_view owner)
{
    if (text_ != nullptr) {
        std::unique_ptr<WriteJob> job = std::make_unique<Note>(indexer_, owner);
        static_cast<void>(engine_.offer(job));
    }
}

void Search::folded(std::string_view owner, std::uint64_t entries)
{
    if (text_ != nullptr) {
        counts_.lag.add(owner, entries);
    }
    note(owner);
}

void Search::make_room()
{
    if (counts_.lag.over()) {
        counts_.lag.wait(longest_wait);
    }
}

Task<void> Search::close()
{
    counts_.lag.suspend(true);
    return engine_.close();
}

void Search::stop()
{
    counts_.lag.suspend(true);
    engine_.stop();
}

void Search::shortened(std::string_view owner)
{
    note(owner);
}

Task<Result<void>> Search::blank(std::string owner, ArchiveEntry entry)
{
    const std::size_t size = entry.stanza.size();
    auto work = [&indexer = indexer_, owner = std::move(owner), entry = std::move(entry)](
                    WriteTransaction& transaction) -> Result<void> {
        return indexer.blank(transaction, owner, entry);
    };
    return engine_.write(size, std::move(work));
}

void Search::count(StorageStats& stats) const
{
    stats.search_bytes = engine_.environment()->used_bytes();
    stats.indexed = counts_.entries.value();
    stats.indexing = static_cast<std::uint64_t>(counts_.waiting.value());
    stats.index_lag = counts_.lag.largest();
    stats.indexed_anew = counts_.anew.value() + (anew_ ? 1 : 0);
}

} // namespace sarang::lmdb
