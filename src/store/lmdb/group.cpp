// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/group.h"

#include "base/scope.h"
#include "store/lmdb/code.h"

#include <lmdb.h>

#include <cerrno>
#include <new>

namespace sarang::lmdb {
namespace {

using Jobs = std::span<const std::unique_ptr<WriteJob>>;
using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;

struct Attempt {
    int code = MDB_SUCCESS;
    bool divisible = false; ///< fewer jobs might succeed
};

int run(WriteTransaction& transaction, Jobs jobs)
{
    try {
        for (const auto& job : jobs) {
            job->run(transaction);
            if (transaction.failed()) {
                return transaction.code();
            }
        }
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
    return MDB_SUCCESS;
}

Attempt attempt(const Environment& environment, Jobs jobs)
{
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(environment.handle(), nullptr, 0, &begun); code != 0) {
        return {code, false};
    }
    TransactionPtr transaction{begun};
    WriteTransaction writing{environment, begun};
    if (const int code = run(writing, jobs); code != MDB_SUCCESS) {
        return {code, true};
    }
    // A failed commit has undone all; it ends the transaction in any case.
    const int code = mdb_txn_commit(transaction.release());
    return {environment.commit_code(code), code == MDB_MAP_FULL};
}

void refuse(Jobs jobs, int code)
{
    const Error error = code_error(code, "write database");
    for (const auto& job : jobs) {
        job->refuse(error);
    }
}

} // namespace

int commit_deed(const Environment& environment, const std::function<void(WriteTransaction&)>& deed)
{
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(environment.handle(), nullptr, 0, &begun); code != 0) {
        return code;
    }
    TransactionPtr transaction{begun};
    WriteTransaction writing{environment, begun};
    try {
        deed(writing);
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
    return writing.failed() ? writing.code()
                            : environment.commit_code(mdb_txn_commit(transaction.release()));
}

GroupOutcome commit_group(const Environment& environment, Jobs jobs)
{
    const auto [code, divisible] = attempt(environment, jobs);
    if (code == MDB_SUCCESS) {
        return {1, 0, 0};
    }
    if (!divisible || jobs.size() == 1) {
        refuse(jobs, code);
        return {0, jobs.size(), code};
    }
    // Halves: those that fit still go through, and the one that does not is found quickly.
    const std::size_t half = jobs.size() / 2;
    const GroupOutcome first = commit_group(environment, jobs.first(half));
    const GroupOutcome second = commit_group(environment, jobs.subspan(half));
    return {
        first.commits + second.commits,
        first.failures + second.failures,
        second.failures > 0 ? second.code : first.code};
}

} // namespace sarang::lmdb
