// SPDX-License-Identifier: Apache-2.0
// Reader: a read transaction that can be used again and again: to renew one costs next to
// nothing. It lasts no longer than one call, so that old pages are never held.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/scope.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/transaction.h"

#include <memory>
#include <type_traits>

struct MDB_env;
struct MDB_txn;

namespace sarang::lmdb {

/// Used by one thread at a time. `environment` must outlive it.
class SARANG_API Reader {
public:
    explicit Reader(const Environment& environment)
        : environment_{environment}
    {}

    /// Calls `work` with a ReadTransaction& that sees what is committed now; returns its Result,
    /// or the failure to read.
    template <class Work>
    std::invoke_result_t<Work&, ReadTransaction&> read(Work& work)
    {
        if (const int code = begin(); code != 0) {
            return failure(code);
        }
        const OnExit ended{[this] { end(); }};
        ReadTransaction transaction{environment_, handle_.get()};
        std::invoke_result_t<Work&, ReadTransaction&> result = work(transaction);
        if (transaction.failed()) {
            return failure(transaction.code());
        }
        return result;
    }

private:
    struct Abort {
        void operator()(MDB_txn* handle) const;
    };

    int begin();
    int begin_anew();
    void end();
    static Failure failure(int code);

    const Environment& environment_;
    std::shared_ptr<MDB_env> env_; ///< what the transaction is of
    std::unique_ptr<MDB_txn, Abort> handle_;
};

} // namespace sarang::lmdb
