// SPDX-License-Identifier: Apache-2.0
// Archives whose rows are looked at or changed between two runs.
#pragma once

#include "store/lmdb/environment.h"
#include "store/lmdb/transaction.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "../archives.h"
#include "rows.h"

namespace sarang {

/// The embedded database, whose files are changed before it is opened.
class ChangedBackend {
public:
    using Deed = std::function<void(lmdb::WriteTransaction&)>;

    static inline Deed before_open;

    Result<std::unique_ptr<Storage>> open(Machine& machine, const Clock& clock)
    {
        LmdbOptions options = lmdb::small_options(directory_ / "store");
        options.shards = machine.shards().size();
        if (const Deed deed = std::exchange(before_open, nullptr)) {
            change(options, deed);
        }
        return open_lmdb(options, machine.workers(), clock);
    }

    const TemporaryDirectory& directory() const { return directory_; }

private:
    static void change(const LmdbOptions& options, const Deed& deed)
    {
        const auto environment = lmdb::Environment::open(options);
        BOOST_TEST_REQUIRE(environment.has_value());
        MDB_txn* begun = nullptr;
        BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
        lmdb::WriteTransaction transaction{**environment, begun};
        deed(transaction);
        BOOST_TEST_REQUIRE(transaction.code() == 0);
        BOOST_TEST_REQUIRE(mdb_txn_commit(begun) == 0);
    }

    TemporaryDirectory directory_;
};

inline std::vector<lmdb::Key>
keys(lmdb::ReadTransaction& transaction, lmdb::Table table, const lmdb::Key& prefix = {})
{
    std::vector<lmdb::Key> keys;
    lmdb::Cursor cursor{transaction, table, prefix};
    while (cursor.next()) {
        keys.push_back(lmdb::Key{}.raw(cursor.key()));
    }
    return keys;
}

/// How many rows a table has; opens it again.
inline std::size_t count_rows(Archives<ChangedBackend>& kept, lmdb::Table table)
{
    std::size_t count = 0;
    ChangedBackend::before_open = [&count, table](lmdb::WriteTransaction& transaction) {
        count = keys(transaction, table).size();
    };
    kept.reopen();
    return count;
}

} // namespace sarang
