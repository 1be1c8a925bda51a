// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/schema.h"

#include "base/bytes.h"
#include "base/scope.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/code.h"

#include <lmdb.h>

#include <array>
#include <optional>
#include <string>

namespace sarang::lmdb {
namespace {

constexpr std::string_view application = "sarang";

// steps[i] brings an environment from version i + 1 to i + 2, inside the transaction that opens it.
using Step = int (*)(MDB_txn*);

// Tables that are missing are made by whoever opens the environment.
int add_tables(MDB_txn*)
{
    return MDB_SUCCESS;
}

MDB_val view(std::string_view text)
{
    return MDB_val{text.size(), const_cast<char*>(text.data())};
}

// What was in the archive before the inbox says nothing to it; blocks are read as they are.
int renew_journal(MDB_txn* transaction)
{
    MDB_dbi journal = 0;
    MDB_cursor* opened = nullptr;
    int code = mdb_dbi_open(transaction, "archive_journal", 0, &journal);
    if (code == MDB_NOTFOUND) {
        return MDB_SUCCESS;
    }
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(transaction, journal, &opened);
    }
    const Owned<MDB_cursor, mdb_cursor_close> cursor{opened};
    MDB_val key;
    MDB_val row;
    while (code == MDB_SUCCESS &&
           (code = mdb_cursor_get(opened, &key, &row, MDB_NEXT)) == MDB_SUCCESS) {
        const std::string_view bytes{static_cast<const char*>(row.mv_data), row.mv_size};
        if (const auto renewed = renewed_journal(bytes)) {
            MDB_val value = view(*renewed);
            const std::string place{static_cast<const char*>(key.mv_data), key.mv_size};
            MDB_val at = view(place);
            code = mdb_cursor_put(opened, &at, &value, MDB_CURRENT);
        }
    }
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

int forget_sources(MDB_txn* transaction)
{
    MDB_dbi sources = 0;
    int code = mdb_dbi_open(transaction, "archive_sources", 0, &sources);
    if (code == MDB_SUCCESS) {
        code = mdb_drop(transaction, sources, 1);
    }
    return code == MDB_SUCCESS || code == MDB_NOTFOUND ? renew_journal(transaction) : code;
}

constexpr std::array<Step, schema_version - 1> steps{
    add_tables,     // 2: the archive
    renew_journal,  // 3: the inbox, what of an archive is to be erased, what was set aside
    forget_sources, // 4: what is appended is not counted by where it came from
    add_tables,     // 5: rooms
    add_tables, // 6: notes of rooms in the journal and in inboxes, which say themselves what they
                // are
};

std::optional<std::string_view> setting(MDB_txn* transaction, MDB_dbi meta, std::string_view name)
{
    MDB_val key = view(name);
    MDB_val value;
    if (mdb_get(transaction, meta, &key, &value) != MDB_SUCCESS) {
        return std::nullopt;
    }
    return std::string_view{static_cast<const char*>(value.mv_data), value.mv_size};
}

int set(MDB_txn* transaction, MDB_dbi meta, std::string_view name, std::string_view text)
{
    MDB_val key = view(name);
    MDB_val value = view(text);
    return mdb_put(transaction, meta, &key, &value, 0);
}

int sign(MDB_txn* transaction)
{
    MDB_dbi meta = 0;
    int code = mdb_dbi_open(transaction, "meta", MDB_CREATE, &meta);
    if (code == MDB_SUCCESS) {
        code = set(transaction, meta, "application", application);
    }
    if (code == MDB_SUCCESS) {
        BytesWriter number;
        code = set(transaction, meta, "schema", number.u64(schema_version).bytes());
    }
    return code;
}

bool empty(MDB_txn* transaction)
{
    MDB_dbi root = 0;
    MDB_stat stat{};
    return mdb_dbi_open(transaction, nullptr, 0, &root) == MDB_SUCCESS &&
           mdb_stat(transaction, root, &stat) == MDB_SUCCESS && stat.ms_entries == 0;
}

Failure foreign()
{
    return fail(Condition::internal_server_error, {}, "the database was not made by this program");
}

} // namespace

Result<std::uint64_t> stored_schema(MDB_txn* transaction)
{
    if (empty(transaction)) {
        return std::uint64_t{0};
    }
    MDB_dbi meta = 0;
    if (mdb_dbi_open(transaction, "meta", 0, &meta) != MDB_SUCCESS ||
        setting(transaction, meta, "application") != application) {
        return foreign();
    }
    const auto text = setting(transaction, meta, "schema");
    BytesReader number{text.value_or("")};
    const std::uint64_t version = number.u64();
    return number.complete() && version != 0 ? Result<std::uint64_t>{version} : foreign();
}

Result<void> check_schema(std::uint64_t version)
{
    if (version > schema_version) {
        return fail(
            Condition::internal_server_error,
            {},
            "the database has schema " + std::to_string(version) + ", this program knows up to " +
                std::to_string(schema_version));
    }
    return {};
}

Result<void> migrate(MDB_txn* transaction, std::uint64_t from)
{
    int code = MDB_SUCCESS;
    for (std::uint64_t version = from; version != 0 && version < schema_version; ++version) {
        if (code == MDB_SUCCESS) {
            code = steps[version - 1](transaction);
        }
    }
    if (code == MDB_SUCCESS && from != schema_version) {
        code = sign(transaction);
    }
    return code == MDB_SUCCESS ? Result<void>{} : code_failure(code, "migrate");
}

} // namespace sarang::lmdb
