// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/reader.h"

#include "store/lmdb/code.h"

#include <lmdb.h>

namespace sarang::lmdb {

void Reader::Abort::operator()(MDB_txn* handle) const
{
    mdb_txn_abort(handle);
}

int Reader::begin()
{
    if (handle_) {
        return mdb_txn_renew(handle_.get());
    }
    MDB_txn* begun = nullptr;
    const int code = mdb_txn_begin(environment_.handle(), nullptr, MDB_RDONLY, &begun);
    handle_.reset(begun);
    return code;
}

void Reader::end()
{
    mdb_txn_reset(handle_.get());
}

Failure Reader::failure(int code)
{
    return code_failure(code, "read database");
}

} // namespace sarang::lmdb
