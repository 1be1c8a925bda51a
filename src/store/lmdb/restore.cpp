// SPDX-License-Identifier: Apache-2.0
#include "base/scope.h"
#include "store/lmdb/backup.h"
#include "store/lmdb/code.h"
#include "store/lmdb/directory.h"
#include "store/lmdb/restored.h"
#include "store/lmdb/storage.h"

#include <lmdb.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/sendfile.h>
#include <system_error>
#include <unistd.h>

namespace sarang {
namespace lmdb {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 30;
constexpr std::uint64_t spare_map = std::uint64_t{64} << 20;

const char* const data_file = "/data.mdb";
const char* const lock_file = "/lock.mdb";

Result<std::uint64_t> copy_file(const std::string& from, const std::string& to)
{
    const OpenFile source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    const OpenFile target{::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!source.valid() || !target.valid()) {
        return code_failure(errno, "copy " + from + " to " + to);
    }
    std::uint64_t size = 0;
    ssize_t copied = 0;
    do {
        copied = ::sendfile(target.file(), source.file(), nullptr, chunk);
        size += copied > 0 ? static_cast<std::uint64_t>(copied) : 0;
    } while (copied > 0);
    if (copied < 0 || ::fsync(target.file()) != 0) {
        return code_failure(errno, "copy " + from + " to " + to);
    }
    return size;
}

Result<void> note_restore(const Environment& environment, std::uint64_t time)
{
    MDB_txn* begun = nullptr;
    int code = mdb_txn_begin(environment.handle(), nullptr, 0, &begun);
    if (code != MDB_SUCCESS) {
        return code_failure(code, "note the restore");
    }
    WriteTransaction transaction{environment, begun};
    set_restored_at(transaction, time);
    code = transaction.code();
    if (transaction.failed()) {
        mdb_txn_abort(begun);
    } else {
        code = mdb_txn_commit(begun);
    }
    return code == MDB_SUCCESS ? Result<void>{} : code_failure(code, "note the restore");
}

// A directory beside the database, in which it is made ready.
class Stage {
public:
    explicit Stage(const std::string& directory)
        : path_{directory + "/restore"}
    {}

    ~Stage()
    {
        ::unlink((path_ + data_file).c_str());
        ::unlink((path_ + lock_file).c_str());
        ::rmdir(path_.c_str());
    }

    Result<void> fill(const std::string& file, std::uint64_t time) const
    {
        if (auto locked = DirectoryLock::take(path_); !locked) {
            return fail(std::move(locked).error());
        }
        const auto size = copy_file(file, path_ + data_file);
        if (!size) {
            return fail(size.error());
        }
        LmdbOptions options;
        options.directory = path_;
        options.map_size = *size + spare_map;
        const auto environment = Environment::open(options);
        return environment ? note_restore(**environment, time) : fail(environment.error());
    }

    Result<void> move_to(const DirectoryLock& lock, const std::string& directory) const
    {
        // The old table of readers belongs to the old file.
        ::unlink((directory + lock_file).c_str());
        if (std::rename((path_ + data_file).c_str(), (directory + data_file).c_str()) != 0) {
            return code_failure(errno, "move the database to " + directory);
        }
        return lock.sync();
    }

private:
    std::string path_;
};

} // namespace
} // namespace lmdb

Result<void> restore_lmdb(
    const std::string& file, const std::string& directory, Existing existing, const Clock& clock)
{
    if (auto checked = lmdb::check_backup(file); !checked) {
        return checked;
    }
    const auto lock = lmdb::DirectoryLock::take(directory);
    if (!lock) {
        return fail(lock.error());
    }
    const bool occupied = ::access((directory + lmdb::data_file).c_str(), F_OK) == 0;
    if (occupied && existing == Existing::refuse) {
        return fail(Condition::conflict, {}, directory + " holds a database already");
    }
    const lmdb::Stage stage{directory};
    const auto now = clock.wall().time_since_epoch().count();
    if (auto filled = stage.fill(file, static_cast<std::uint64_t>(now)); !filled) {
        return filled;
    }
    // What is indexed may be another database's; it is made anew.
    std::error_code ignored;
    std::filesystem::remove_all(directory + "/search", ignored);
    return stage.move_to(*lock, directory);
}

} // namespace sarang
