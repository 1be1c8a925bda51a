// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/backup.h"
#include "store/lmdb/code.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/search_environment.h"
#include "store/lmdb/storage.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace sarang {
namespace lmdb {
namespace {

constexpr std::uint64_t spare_map = std::uint64_t{64} << 20;

std::uint64_t size_of(const std::string& file)
{
    std::error_code failed;
    const auto size = std::filesystem::file_size(file, failed);
    return failed ? 0 : size;
}

// The environment stays open, so that nobody else takes the directory before it is done; it reads
// from the file that was there.
Result<void> swap(const Environment& environment, const std::string& directory)
{
    const std::string fresh = directory + "/compact.mdb";
    if (auto written = write_backup(environment, fresh); !written) {
        return written;
    }
    if (auto checked = check_backup(fresh); !checked) {
        ::unlink(fresh.c_str());
        return checked;
    }
    // The old table of readers belongs to the old file.
    ::unlink((directory + "/lock.mdb").c_str());
    const std::string file = directory + "/data.mdb";
    if (std::rename(fresh.c_str(), file.c_str()) != 0) {
        return code_failure(errno, "rename " + fresh);
    }
    return sync_parent(file);
}

Result<StorageSpace> compact(const std::string& directory)
{
    const std::string file = directory + "/data.mdb";
    LmdbOptions options;
    options.directory = directory;
    options.map_size = size_of(file) + spare_map;
    const auto environment = Environment::open(options);
    if (!environment) {
        return fail(environment.error());
    }
    StorageSpace space;
    space.bytes = size_of(file);
    if (auto swapped = swap(**environment, directory); !swapped) {
        return fail(std::move(swapped).error());
    }
    const std::uint64_t left = size_of(file);
    space.free = space.bytes > left ? space.bytes - left : 0;
    return space;
}

} // namespace
} // namespace lmdb

Result<StorageSpace> compact_lmdb(const std::string& directory)
{
    if (auto checked = lmdb::check_backup(directory + "/data.mdb"); !checked) {
        return fail(
            Condition::not_acceptable, {}, "there is no database: " + checked.error().cause);
    }
    auto space = lmdb::compact(directory);
    LmdbOptions options;
    options.directory = directory;
    const std::string beside = lmdb::search_directory(options);
    // A damaged index is made anew at the next start.
    if (!space || !lmdb::check_backup(beside + "/data.mdb")) {
        return space;
    }
    const auto more = lmdb::compact(beside);
    if (!more) {
        return more;
    }
    space->bytes += more->bytes;
    space->free += more->free;
    return space;
}

} // namespace sarang
