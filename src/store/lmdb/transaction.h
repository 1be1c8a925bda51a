// SPDX-License-Identifier: Apache-2.0
// What the stores do inside a transaction, which somebody else begins and ends. The first failure
// sticks: from then on nothing is found and nothing is written, and code() tells why, so that a
// store need not look after each step. Used by one thread at a time.
#pragma once

#include "base/api.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/key.h"
#include "store/lmdb/tables.h"

#include <cstdint>
#include <optional>
#include <string_view>

struct MDB_cursor;
struct MDB_txn;

namespace sarang::lmdb {

class SARANG_API ReadTransaction {
public:
    ReadTransaction(const Environment& environment, MDB_txn* handle)
        : environment_{environment}
        , handle_{handle}
    {}

    /// The row's value, in place: valid until the next write, or the end of the transaction.
    std::optional<std::string_view> get(Table table, const Key& key);

    /// Whether there is a row whose key begins with this.
    bool any(Table table, const Key& prefix);

    int code() const { return code_; }

    bool failed() const { return code_ != 0; }

    /// To be called when a record cannot be what was written.
    void corrupt();
    /// The same where it can be done without: tells of it, and all goes on.
    void damaged(std::string_view what);

protected:
    friend class Cursor;

    MDB_txn* handle() const { return handle_; }

    unsigned table(Table table) const { return environment_.table(table); }

    /// Whether the code is success; notes any but `not found`.
    bool check(int code);

private:
    const Environment& environment_;
    MDB_txn* handle_;
    int code_ = 0;
};

class SARANG_API WriteTransaction : public ReadTransaction {
public:
    using ReadTransaction::ReadTransaction;

    void put(Table table, const Key& key, std::string_view value);
    /// The same for a key above all others of the table, which costs less.
    void append(Table table, const Key& key, std::string_view value);
    /// Whether there was such a row.
    bool erase(Table table, const Key& key);
    /// Erases the rows whose keys begin with `prefix` and are not above `last`; how many.
    std::uint64_t erase_through(Table table, const Key& prefix, const Key& last);
    /// Erases all rows whose keys begin with this.
    void erase_all(Table table, const Key& prefix);
    /// Erases the first ones of those, so many at most; how many.
    std::uint64_t erase_first(Table table, const Key& prefix, std::uint64_t most);
    /// A number that this counter never gave before, from 1.
    std::uint64_t next_number(std::string_view counter);
};

/// Walks the rows whose keys begin with a prefix, in order. No writes meanwhile.
class SARANG_API Cursor {
public:
    Cursor(ReadTransaction& transaction, Table table, const Key& prefix);
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    ~Cursor();

    /// To the first row at or above `from`; false when there is none.
    bool seek(const Key& from);
    /// To the last row at or below `to`; false when there is none.
    bool seek_back(const Key& to);
    /// To the next row, at first to the first one; false when there is none.
    bool next();
    /// To the row before; false when there is none. Requires that it stands on one.
    bool previous();

    /// Of the row it stands on; in place.
    std::string_view key() const { return key_; }

    std::string_view value() const { return value_; }

    /// The part of the key after the prefix.
    std::string_view key_rest() const { return key_.substr(prefix_.bytes().size()); }

    /// Removes the row it stands on; next() goes on from there. Requires a WriteTransaction.
    void erase();

private:
    bool first();
    bool fetch(int operation, std::string_view from);
    bool move(int operation, std::string_view from);

    ReadTransaction& transaction_;
    Key prefix_;
    MDB_cursor* handle_ = nullptr;
    bool placed_ = false;
    std::string_view key_;
    std::string_view value_;
};

} // namespace sarang::lmdb
