// SPDX-License-Identifier: Apache-2.0
// The commands on archives: `archive stat`, `export`, `verify`, `expire`, `reindex`. On shard 0; an
// archive is asked on the shard of its owner.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/task.h"
#include "core/command.h"
#include "core/registration.h"
#include "store/archive_store.h"
#include "store/search_store.h"
#include "store/storage.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Shard;

class SARANG_API ArchiveCommands {
public:
    /// What they ask of the server.
    struct Needs {
        ArchiveStore& archive;
        SearchStore& search;
        const Clock& clock;
        /// The shard of an archive's owner.
        std::function<Shard&(std::string_view owner)> home;
        /// As Storage::space().
        std::function<Task<Result<StorageSpace>>()> space;
    };

    ArchiveCommands(CommandRegistry& registry, Needs needs);

private:
    Task<Result<Json>> stat(CommandCall& call);
    Task<Result<Json>> stat_all();
    Task<Result<Json>> export_all(CommandCall& call);
    Task<Result<Json>> verify(CommandCall& call);
    Task<Result<Json>> verify_all(CommandCall& call);
    Task<Result<Json>> repair(CommandCall& call);
    Task<Result<Json>> expire(CommandCall& call);
    Task<Result<Json>> reindex(CommandCall& call);
    Task<Result<Json>> reindex_one(std::string owner);

    Task<Result<ArchiveExtent>> extent(std::string owner);
    Task<Result<ArchivePage>> read(ArchiveQuery query);
    Task<Result<ArchiveRepair>> repair_some(std::string owner, ArchiveRepair so_far);
    Task<Result<ArchiveCheck>> check(std::string owner, ArchiveId after);
    Task<Result<std::uint64_t>> tell_faults(CommandCall& call, std::string owner);
    Task<Result<std::uint64_t>> index(std::string owner);

    Needs needs_;
    std::vector<Registration> registered_;
};

} // namespace sarang
