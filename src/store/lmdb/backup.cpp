// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/backup.h"

#include "base/scope.h"
#include "store/lmdb/code.h"
#include "store/lmdb/directory.h"
#include "store/lmdb/schema.h"

#include <lmdb.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace sarang::lmdb {
namespace {

using EnvironmentPtr = Owned<MDB_env, mdb_env_close>;
using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;

Failure refused(const std::string& path, const std::string& why)
{
    return fail(Condition::not_acceptable, {}, path + " is no backup to restore: " + why);
}

int open_read_only(MDB_env* env, const std::string& path)
{
    const int code = mdb_env_set_maxdbs(env, 1);
    return code != MDB_SUCCESS
               ? code
               : mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600);
}

// A file that was cut short: reading beyond its end would kill the process.
bool whole(MDB_env* env, const std::string& path)
{
    MDB_envinfo info{};
    MDB_stat stat{};
    struct stat file = {};
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0 ||
        ::stat(path.c_str(), &file) != 0) {
        return false;
    }
    return (info.me_last_pgno + 1) * stat.ms_psize <= static_cast<std::size_t>(file.st_size);
}

} // namespace

Result<void> sync_parent(const std::string& path)
{
    const std::string parent = std::filesystem::absolute(path).parent_path();
    const OpenFile directory{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.valid() || ::fsync(directory.file()) != 0) {
        return code_failure(errno, "sync directory " + parent);
    }
    return {};
}

Result<void> write_backup(const Environment& environment, const std::string& path)
{
    std::string temporary = path + ".XXXXXX";
    const OpenFile file{::mkostemp(temporary.data(), O_CLOEXEC)};
    if (!file.valid()) {
        return code_failure(errno, "make file " + temporary);
    }
    OnExit remove{[&temporary] { ::unlink(temporary.c_str()); }};
    if (auto copied = environment.copy(file.file()); !copied) {
        return copied;
    }
    if (::fsync(file.file()) != 0) {
        return code_failure(errno, "sync file " + temporary);
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        return code_failure(errno, "rename to " + path);
    }
    remove.dismiss();
    return sync_parent(path);
}

Result<void> check_backup(const std::string& path)
{
    MDB_env* created = nullptr;
    int code = mdb_env_create(&created);
    const EnvironmentPtr env{created};
    if (code == MDB_SUCCESS) {
        code = open_read_only(created, path);
    }
    if (code != MDB_SUCCESS) {
        return refused(path, mdb_strerror(code));
    }
    if (!whole(created, path)) {
        return refused(path, "it was cut short");
    }
    MDB_txn* begun = nullptr;
    code = mdb_txn_begin(created, nullptr, MDB_RDONLY, &begun);
    const TransactionPtr transaction{begun};
    if (code != MDB_SUCCESS) {
        return refused(path, mdb_strerror(code));
    }
    const auto version = stored_schema(begun);
    if (!version) {
        return refused(path, version.error().cause);
    }
    if (*version == 0) {
        return refused(path, "it is empty");
    }
    return check_schema(*version);
}

} // namespace sarang::lmdb
