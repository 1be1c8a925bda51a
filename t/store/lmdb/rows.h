// SPDX-License-Identifier: Apache-2.0
// Rows: an environment of its own and a transaction in it, for what works below the stores.
#pragma once

#include "store/lmdb/environment.h"
#include "store/lmdb/transaction.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <optional>
#include <string>

#include "../temporary.h"

namespace sarang::lmdb {

inline LmdbOptions small_options(std::string directory)
{
    LmdbOptions options;
    options.directory = std::move(directory);
    options.map_size = std::uint64_t{1} << 28;
    return options;
}

class Rows {
public:
    Rows()
        : environment_{Environment::open(small_options(directory_.path()))}
    {
        BOOST_REQUIRE(environment_.has_value());
        BOOST_REQUIRE(mdb_txn_begin((*environment_)->handle(), nullptr, 0, &handle_) == 0);
        transaction_.emplace(**environment_, handle_);
    }

    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    ~Rows() { mdb_txn_abort(handle_); }

    WriteTransaction& transaction() { return *transaction_; }

private:
    TemporaryDirectory directory_;
    Result<Environment::Ptr> environment_;
    MDB_txn* handle_ = nullptr;
    std::optional<WriteTransaction> transaction_;
};

} // namespace sarang::lmdb
