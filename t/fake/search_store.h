// SPDX-License-Identifier: Apache-2.0
// FakeSearchStore: looks at every entry of an archive whether the words are in it, as they stand.
#pragma once

#include "store/search_store.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sarang {

class FakeSearchStore final : public SearchStore {
public:
    explicit FakeSearchStore(ArchiveStore& archive)
        : archive_{archive}
    {}

    Task<Result<ArchivePage>> search(ArchiveQuery query, std::string words) override
    {
        ArchiveQuery all = query;
        all.limit = std::numeric_limits<std::size_t>::max();
        ArchivePage page = co_await ok(archive_.read(std::move(all)));
        std::erase_if(page.entries, [&words](const ArchiveEntry& entry) {
            return entry.stanza.find(words) == std::string::npos;
        });
        if (bound) { // in either direction; no further than this
            std::erase_if(page.entries, [this, &query](const ArchiveEntry& entry) {
                return query.backwards ? entry.id < *bound : entry.id > *bound;
            });
            page.through = *bound;
        }
        const bool full = page.entries.size() > query.limit;
        page.complete = !full && !std::exchange(bound, std::nullopt);
        if (full) {
            page.through = ArchiveId::none;
            const auto limit = static_cast<std::ptrdiff_t>(query.limit);
            page.entries =
                query.backwards
                    ? std::vector<ArchiveEntry>(page.entries.end() - limit, page.entries.end())
                    : std::vector<ArchiveEntry>(page.entries.begin(), page.entries.begin() + limit);
        }
        co_return std::move(page);
    }

    Task<Result<std::uint64_t>> index(std::string) override
    {
        co_return std::exchange(missing, std::uint64_t{0});
    }

    std::optional<ArchiveId> bound; ///< what a search does not look beyond, once

    std::uint64_t missing = 0; ///< what the next index() takes up

    Task<Result<void>> forget(std::string owner) override
    {
        forgotten.push_back(std::move(owner));
        co_return Result<void>{};
    }

    Task<Result<SearchOwners>> begin_anew(std::string host, std::string from) override
    {
        forgotten.push_back(host + from);
        co_return owners;
    }

    std::vector<std::string> forgotten;
    SearchOwners owners; ///< what begin_anew() answers

private:
    ArchiveStore& archive_;
};

} // namespace sarang
