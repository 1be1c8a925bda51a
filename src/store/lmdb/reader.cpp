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
    const int code = handle_ ? mdb_txn_renew(handle_.get()) : begin_anew();
    return code == MDB_PANIC ? begin_anew() : code; // the environment may be another by now
}

int Reader::begin_anew()
{
    handle_.reset();
    env_ = environment_.share();
    MDB_txn* begun = nullptr;
    const int code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &begun);
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
