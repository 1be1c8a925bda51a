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
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

namespace sarang::lmdb {
namespace {

using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;

const Log log{"store"};

constexpr std::uint64_t least_map = std::uint64_t{1} << 28;
constexpr unsigned spare_readers = 64; // workers, mdb_stat and mdb_copy of an operator
constexpr off_t lock_bytes = 64 * 1024;
constexpr auto reading_poll = std::chrono::milliseconds{1};
constexpr int longest_reading = 2000; // polls

using Opened = std::shared_ptr<MDB_env>;

// LMDB maps this file and writes to it in place: on a disk that is full, a page that it has not yet
// would be the end of the process. Before it is opened, since to close it would drop LMDB's locks.
int reserve_lock_file(const std::string& directory)
{
    const std::string path = directory + "/lock.mdb";
    const OpenFile file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    return file.valid() ? ::posix_fallocate(file.file(), 0, lock_bytes) : errno;
}

int open_environment(
    const std::string& directory, std::uint64_t size, unsigned readers, Opened& opened)
{
    int code = reserve_lock_file(directory);
    if (code != 0) {
        return code;
    }
    MDB_env* env = nullptr;
    code = mdb_env_create(&env);
    const Opened made{env, mdb_env_close};
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_mapsize(env, size);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(env, table_count);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxreaders(env, readers);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_open(env, directory.c_str(), MDB_NOTLS, 0600);
    }
    if (code == MDB_SUCCESS) {
        opened = made;
    }
    return code;
}

// A line for each reader: process, thread, and the snapshot it reads, or "-".
int note_reader(const char* line, void* reading)
{
    const std::size_t size = std::strlen(line);
    const bool idle = size < 2 || line[size - 2] == '-' || std::strstr(line, "txnid") != nullptr ||
                      line[0] == '(';
    *static_cast<bool*>(reading) |= !idle;
    return 0;
}

bool is_read(MDB_env* env)
{
    bool reading = false;
    mdb_reader_list(env, note_reader, &reading);
    return reading;
}

} // namespace

Environment::Environment(DirectoryLock directory, const LmdbOptions& options)
    : directory_{std::move(directory)}
    , path_{options.directory}
    , readers_{static_cast<unsigned>(options.shards) + spare_readers}
    , size_{options.map_size}
{}

Environment::~Environment() = default;

std::shared_ptr<MDB_env> Environment::share() const
{
    const std::lock_guard lock{mutex_};
    return env_;
}

Result<Environment::Ptr> Environment::open(const LmdbOptions& options)
{
    auto directory = DirectoryLock::take(options.directory);
    if (!directory) {
        return fail(std::move(directory).error());
    }
    std::unique_ptr<Environment> environment{new Environment{std::move(*directory), options}};
    if (auto opened = environment->open_map(); !opened) {
        return fail(std::move(opened).error());
    }
    if (auto opened = environment->open_tables(); !opened) {
        return fail(std::move(opened).error());
    }
    return Ptr{std::move(environment)};
}

Result<void> Environment::open_map()
{
    const std::uint64_t wanted = size_;
    int code = open_environment(path_, size_, readers_, env_);
    // Address space may be short: under a limit of the process, or a sanitizer.
    while (code == ENOMEM && size_ / 4 >= least_map) {
        size_ /= 4;
        code = open_environment(path_, size_, readers_, env_);
    }
    if (code != MDB_SUCCESS) {
        return code_failure(code, "open database " + path_);
    }
    if (size_ != wanted) {
        log.warn("the database can grow to {} MiB only, for lack of address space", size_ >> 20);
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
    if (code != MDB_SUCCESS) {
        return code_failure(code, "open tables");
    }
    return *version == 0 || *version == schema_version ? Result<void>{} : open_again();
}

// What a migration opened has numbers before the tables, which renew() would not find again.
Result<void> Environment::open_again()
{
    env_.reset();
    auto opened = open_map();
    return opened ? open_tables() : opened;
}

bool Environment::broken() const
{
    MDB_txn* begun = nullptr;
    const int code = mdb_txn_begin(handle(), nullptr, MDB_RDONLY, &begun);
    mdb_txn_abort(begun);
    return code == MDB_PANIC;
}

// Nobody begins to read a broken one, so those who do will end. The new one has locks of its own,
// in a file of its own: what those who have the old one still do in theirs concerns nobody. Of a
// process that died while it read, only its place is left.
bool Environment::renew() const
{
    mdb_reader_check(handle(), nullptr);
    const int polls = waited_ ? 0 : longest_reading;
    for (int i = 0; is_read(handle()); ++i) {
        if (i == polls) {
            waited_ = true;
            return false;
        }
        std::this_thread::sleep_for(reading_poll);
    }
    ::unlink((path_ + "/lock.mdb").c_str());
    Opened opened;
    if (open_environment(path_, size_, readers_, opened) != MDB_SUCCESS) {
        return false;
    }
    std::array<unsigned, table_count> tables{};
    MDB_txn* begun = nullptr;
    int code = mdb_txn_begin(opened.get(), nullptr, 0, &begun);
    TransactionPtr transaction{begun};
    for (std::size_t i = 0; i < table_count && code == MDB_SUCCESS; ++i) {
        code = mdb_dbi_open(begun, table_names[i], 0, &tables[i]);
    }
    if (code != MDB_SUCCESS || mdb_txn_commit(transaction.release()) != MDB_SUCCESS ||
        tables != tables_) {
        return false;
    }
    waited_ = false;
    const std::lock_guard lock{mutex_};
    env_ = std::move(opened);
    return true;
}

std::uint64_t Environment::used_bytes() const
{
    const Opened env = share();
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(env.get(), &info);
    mdb_env_stat(env.get(), &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

std::uint64_t Environment::map_bytes() const
{
    MDB_envinfo info{};
    mdb_env_info(share().get(), &info);
    return info.me_mapsize;
}

std::uint64_t Environment::disk_bytes() const
{
    const Opened env = share();
    int file = -1;
    struct stat found = {};
    mdb_env_get_fd(env.get(), &file);
    return ::fstat(file, &found) == 0 ? static_cast<std::uint64_t>(found.st_blocks) * 512 : 0;
}

Result<std::uint64_t> Environment::free_bytes() const
{
    constexpr MDB_dbi list_of_free = 0; // a row for each transaction that freed some: their number
    const Opened env = share();
    MDB_txn* begun = nullptr;
    int code = mdb_txn_begin(env.get(), nullptr, MDB_RDONLY, &begun);
    const TransactionPtr transaction{begun};
    MDB_cursor* opened = nullptr;
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(begun, list_of_free, &opened);
    }
    const Owned<MDB_cursor, mdb_cursor_close> cursor{opened};
    std::uint64_t pages = 0;
    MDB_val key;
    MDB_val row;
    while (code == MDB_SUCCESS &&
           (code = mdb_cursor_get(opened, &key, &row, MDB_NEXT)) == MDB_SUCCESS) {
        std::size_t count = 0;
        std::memcpy(&count, row.mv_data, std::min(sizeof count, row.mv_size));
        pages += count;
    }
    if (code != MDB_NOTFOUND) {
        return code_failure(code, "look for free pages");
    }
    MDB_stat stat{};
    mdb_env_stat(env.get(), &stat);
    return pages * stat.ms_psize;
}

Result<void> Environment::copy(int file) const
{
    const int code = mdb_env_copyfd2(share().get(), file, MDB_CP_COMPACT);
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
