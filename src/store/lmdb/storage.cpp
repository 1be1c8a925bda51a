// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/storage.h"

#include "store/lmdb/accounts.h"
#include "store/lmdb/archive.h"
#include "store/lmdb/backup.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/holes.h"
#include "store/lmdb/offline.h"
#include "store/lmdb/rooms.h"
#include "store/lmdb/rosters.h"
#include "store/lmdb/search.h"
#include "store/lmdb/search_environment.h"
#include "store/lmdb/values.h"

namespace sarang {
namespace lmdb {
namespace {

class LmdbStorage final : public Storage {
public:
    LmdbStorage(
        Environment::Ptr environment,
        SearchEnvironment index,
        const LmdbOptions& options,
        WorkerPool& workers,
        const Clock& clock)
        : engine_{std::move(environment), options, workers}
        , archive_{engine_, writing_, options, clock}
        , search_{std::move(index), options, workers, archive_}
        , rosters_{engine_, clock}
    {
        archive_.follow(search_);
    }

    /// Blocks, before it is used.
    Result<void> open()
    {
        rooms_.open();
        return archive_.open();
    }

    AccountStore& accounts() override { return accounts_; }

    RosterStore& rosters() override { return rosters_; }

    OfflineStore& offline() override { return offline_; }

    RoomStore& rooms() override { return rooms_; }

    KeyedStore& values() override { return values_; }

    ArchiveStore& archive() override { return archive_; }

    SearchStore& search() override { return search_; }

    Task<Result<void>> backup(std::string path) override
    {
        auto deed = [environment = engine_.environment(), path = std::move(path)] {
            return write_backup(*environment, path);
        };
        return engine_.workers().run(std::move(deed));
    }

    Task<Result<StorageSpace>> space() override
    {
        auto deed = [database = engine_.environment(),
                     index = search_.environment()]() -> Result<StorageSpace> {
            StorageSpace space;
            for (const Environment* part : {database.get(), index.get()}) {
                const auto free = part->free_bytes();
                if (!free) {
                    return fail(free.error());
                }
                space.bytes += part->used_bytes();
                space.free += *free;
                space.disk += part->disk_bytes();
            }
            return space;
        };
        return engine_.workers().run(std::move(deed));
    }

    Task<Result<StorageCompaction>> compact() override
    {
        StorageCompaction compaction;
        compaction.given_back = co_await ok(give_back(engine_));
        compaction.given_back += co_await ok(search_.give_back());
        compaction.space = co_await ok(space());
        co_return compaction;
    }

    Task<Result<void>> sync() override
    {
        // The writer keeps the order: what was asked for before is durable when this is.
        auto nothing = [](WriteTransaction&) -> Result<void> { return {}; };
        return engine_.write(0, nothing);
    }

    Task<void> close() override
    {
        co_await search_.close();
        co_await archive_.close();
        co_await engine_.close();
        co_await archive_.settle();
    }

    void stop() override
    {
        search_.stop();
        engine_.stop();
    }

    StorageStats stats() const override
    {
        StorageStats stats;
        engine_.worker().count(stats);
        stats.used_bytes = engine_.environment()->used_bytes();
        stats.disk_bytes = engine_.environment()->disk_bytes();
        stats.map_bytes = engine_.environment()->map_bytes();
        stats.damages = engine_.environment()->damages();
        search_.count(stats);
        return stats;
    }

private:
    BlockCodec writing_; ///< the writer's, which ends with the engine
    Engine engine_;
    Archive archive_;
    Search search_;
    Accounts accounts_{engine_, archive_, search_};
    Rosters rosters_;
    Offline offline_{engine_};
    Rooms rooms_{engine_};
    Values values_{engine_};
};

} // namespace
} // namespace lmdb

Result<std::unique_ptr<Storage>>
open_lmdb(const LmdbOptions& options, WorkerPool& workers, const Clock& clock)
{
    auto environment = lmdb::Environment::open(options);
    if (!environment) {
        return fail(std::move(environment).error());
    }
    auto index = lmdb::open_search(options);
    if (!index) {
        return fail(std::move(index).error());
    }
    auto storage = std::make_unique<lmdb::LmdbStorage>(
        std::move(*environment), std::move(*index), options, workers, clock);
    if (auto opened = storage->open(); !opened) {
        return fail(std::move(opened).error());
    }
    return std::unique_ptr<Storage>{std::move(storage)};
}

} // namespace sarang
