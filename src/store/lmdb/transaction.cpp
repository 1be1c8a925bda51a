// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/transaction.h"

#include "base/bytes.h"
#include "base/log.h"

#include <lmdb.h>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

MDB_val value_of(std::string_view bytes)
{
    return MDB_val{bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view bytes_of(const MDB_val& value)
{
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

} // namespace

std::optional<std::string_view> ReadTransaction::get(Table table, const Key& key)
{
    MDB_val name = value_of(key.bytes());
    MDB_val value;
    if (failed() || !check(mdb_get(handle_, this->table(table), &name, &value))) {
        return std::nullopt;
    }
    return bytes_of(value);
}

bool ReadTransaction::any(Table table, const Key& prefix)
{
    Cursor cursor{*this, table, prefix};
    return cursor.next();
}

void ReadTransaction::corrupt()
{
    check(MDB_CORRUPTED);
}

void ReadTransaction::damaged(std::string_view what)
{
    environment_.count_damage();
    log.error("damaged: {}", what);
}

bool ReadTransaction::check(int code)
{
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND && !failed()) {
        code_ = code;
    }
    return code == MDB_SUCCESS;
}

void WriteTransaction::put(Table table, const Key& key, std::string_view value)
{
    MDB_val name = value_of(key.bytes());
    MDB_val content = value_of(value);
    if (!failed()) {
        check(mdb_put(handle(), this->table(table), &name, &content, 0));
    }
}

void WriteTransaction::append(Table table, const Key& key, std::string_view value)
{
    MDB_val name = value_of(key.bytes());
    MDB_val content = value_of(value);
    if (!failed()) {
        check(mdb_put(handle(), this->table(table), &name, &content, MDB_APPEND));
    }
}

bool WriteTransaction::erase(Table table, const Key& key)
{
    MDB_val name = value_of(key.bytes());
    return !failed() && check(mdb_del(handle(), this->table(table), &name, nullptr));
}

std::uint64_t WriteTransaction::erase_first(Table table, const Key& prefix, std::uint64_t most)
{
    std::uint64_t erased = 0;
    Cursor cursor{*this, table, prefix};
    while (erased < most && cursor.next()) {
        cursor.erase();
        ++erased;
    }
    return erased;
}

std::uint64_t WriteTransaction::erase_through(Table table, const Key& prefix, const Key& last)
{
    std::uint64_t erased = 0;
    Cursor cursor{*this, table, prefix};
    while (cursor.next() && cursor.key() <= last.bytes()) {
        cursor.erase();
        ++erased;
    }
    return erased;
}

void WriteTransaction::erase_all(Table table, const Key& prefix)
{
    Cursor cursor{*this, table, prefix};
    while (cursor.next()) {
        cursor.erase();
    }
}

std::uint64_t WriteTransaction::next_number(std::string_view counter)
{
    const Key key = Key{}.raw(counter);
    BytesReader last{get(Table::meta, key).value_or(std::string_view{})};
    const std::uint64_t number = last.u64() + 1;
    BytesWriter next;
    put(Table::meta, key, next.u64(number).bytes());
    return number;
}

Cursor::Cursor(ReadTransaction& transaction, Table table, const Key& prefix)
    : transaction_{transaction}
    , prefix_{prefix}
{
    if (!transaction.failed()) {
        transaction.check(
            mdb_cursor_open(transaction.handle(), transaction.table(table), &handle_));
    }
}

Cursor::~Cursor()
{
    if (handle_ != nullptr) {
        mdb_cursor_close(handle_);
    }
}

bool Cursor::seek(const Key& from)
{
    placed_ = true;
    return move(MDB_SET_RANGE, from.bytes());
}

bool Cursor::seek_back(const Key& to)
{
    placed_ = true;
    if (!fetch(MDB_SET_RANGE, to.bytes())) {
        return move(MDB_LAST, {});
    }
    return key_ == to.bytes() || move(MDB_PREV, {});
}

bool Cursor::previous()
{
    return move(MDB_PREV, {});
}

bool Cursor::next()
{
    if (placed_) {
        return move(MDB_NEXT, {});
    }
    return prefix_.bytes().empty() ? first() : seek(prefix_);
}

bool Cursor::first()
{
    placed_ = true;
    return move(MDB_FIRST, {});
}

void Cursor::erase()
{
    // The row that follows slides into its place, and MDB_NEXT then stays there.
    if (!transaction_.failed()) {
        transaction_.check(mdb_cursor_del(handle_, 0));
    }
}

bool Cursor::fetch(int operation, std::string_view from)
{
    MDB_val key = value_of(from);
    MDB_val value;
    if (transaction_.failed() ||
        !transaction_.check(
            mdb_cursor_get(handle_, &key, &value, static_cast<MDB_cursor_op>(operation)))) {
        return false;
    }
    key_ = bytes_of(key);
    value_ = bytes_of(value);
    return true;
}

bool Cursor::move(int operation, std::string_view from)
{
    return fetch(operation, from) && key_.starts_with(prefix_.bytes());
}

} // namespace sarang::lmdb
