// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/environment.h"

#include "base/log.h"
#include "base/scope.h"
#include "store/lmdb/code.h"
#include "store/lmdb/directory.h"
#include "store/lmdb/schema.h"

#include <lmdb.h>

#include <algorithm>
#include <cerrno>
#include <sys/statvfs.h>

namespace sarang::lmdb {
namespace {

using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;

const Log log{"store"};

constexpr std::uint64_t least_map = std::uint64_t{1} << 28;
constexpr unsigned spare_readers = 64; // workers, mdb_stat and mdb_copy of an operator

} // namespace

Environment::Environment(DirectoryLock directory)
    : directory_{std::move(directory)}
{}

Environment::~Environment() = default;

void Environment::Close::operator()(MDB_env* env) const
{
    mdb_env_close(env);
}

Result<Environment::Ptr> Environment::open(const LmdbOptions& options)
{
    auto directory = DirectoryLock::take(options.directory);
    if (!directory) {
        return fail(std::move(directory).error());
    }
    std::unique_ptr<Environment> environment{new Environment{std::move(*directory)}};
    if (auto opened = environment->open_map(options); !opened) {
        return fail(std::move(opened).error());
    }
    if (auto opened = environment->open_tables(); !opened) {
        return fail(std::move(opened).error());
    }
    return Ptr{std::move(environment)};
}

int Environment::try_map(const LmdbOptions& options, std::uint64_t size)
{
    MDB_env* env = nullptr;
    int code = mdb_env_create(&env);
    env_.reset(env);
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_mapsize(env, size);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(env, table_count);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxreaders(env, static_cast<unsigned>(options.shards) + spare_readers);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_open(env, options.directory.c_str(), MDB_NOTLS, 0600);
    }
    return code;
}

Result<void> Environment::open_map(const LmdbOptions& options)
{
    std::uint64_t size = options.map_size;
    int code = try_map(options, size);
    // Address space may be short: under a limit of the process, or a sanitizer.
    while (code == ENOMEM && size / 4 >= least_map) {
        size /= 4;
        code = try_map(options, size);
    }
    if (code != MDB_SUCCESS) {
        return code_failure(code, "open database " + options.directory);
    }
    if (size != options.map_size) {
        log.warn("the database can grow to {} MiB only, for lack of address space", size >> 20);
    }
    return {};
}

Result<void> Environment::open_tables()
{
    MDB_txn* begun = nullptr;
    int code = mdb_txn_begin(handle(), nullptr, 0, &begun);
    if (code != MDB_SUCCESS) {
        return code_failure(code, "open tables");
    }
    TransactionPtr transaction{begun};
    auto version = stored_schema(begun);
    if (!version) {
        return fail(std::move(version).error());
    }
    if (auto checked = check_schema(*version); !checked) {
        return checked;
    }
    if (auto migrated = migrate(begun, *version); !migrated) {
        return migrated;
    }
    for (std::size_t i = 0; i < table_count && code == MDB_SUCCESS; ++i) {
        code = mdb_dbi_open(begun, table_names[i], MDB_CREATE, &tables_[i]);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_txn_commit(transaction.release());
    }
    return code == MDB_SUCCESS ? Result<void>{} : code_failure(code, "open tables");
}

std::uint64_t Environment::used_bytes() const
{
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(handle(), &info);
    mdb_env_stat(handle(), &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

std::uint64_t Environment::map_bytes() const
{
    MDB_envinfo info{};
    mdb_env_info(handle(), &info);
    return info.me_mapsize;
}

Result<void> Environment::copy(int file) const
{
    const int code = mdb_env_copyfd2(handle(), file, MDB_CP_COMPACT);
    return code == MDB_SUCCESS ? Result<void>{} : code_failure(commit_code(code), "copy database");
}

int Environment::commit_code(int code) const
{
    // LMDB gives EIO for a short write, which is how a disk says that it is filling up.
    struct statvfs disk = {};
    if (code == EIO && fstatvfs(directory_.file(), &disk) == 0 &&
        disk.f_bavail < std::max<fsblkcnt_t>(1, (fsblkcnt_t{1} << 20) / disk.f_bsize)) {
        return ENOSPC;
    }
    return code;
}

} // namespace sarang::lmdb
