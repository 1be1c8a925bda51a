// SPDX-License-Identifier: Apache-2.0
// FakeSearchStore: looks at every entry of an archive whether the words are in it, as they stand.
#pragma once

#include "store/search_store.h"

#include <limits>
#include <string>
#include <utility>

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
        page.complete = page.entries.size() <= query.limit;
        if (!page.complete) {
            const auto limit = static_cast<std::ptrdiff_t>(query.limit);
            page.entries =
                query.backwards
                    ? std::vector<ArchiveEntry>(page.entries.end() - limit, page.entries.end())
                    : std::vector<ArchiveEntry>(page.entries.begin(), page.entries.begin() + limit);
        }
        co_return std::move(page);
    }

    Task<Result<std::uint64_t>> index(std::string) override { co_return std::uint64_t{0}; }

    Task<Result<void>> forget(std::string) override { co_return Result<void>{}; }

private:
    ArchiveStore& archive_;
};

} // namespace sarang
