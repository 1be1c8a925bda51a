// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/named.h"

#include "base/bytes.h"

namespace sarang::lmdb {
namespace {

constexpr unsigned last_number = 255;

bool names(std::string_view record, std::string_view name)
{
    BytesReader reader{record};
    reader.u8();
    return reader.string() == name && reader.ok();
}

} // namespace

NamedRow
find_named(ReadTransaction& transaction, Table table, const Key& prefix, std::string_view name)
{
    return find_hashed(transaction, table, Key{prefix}.hash(hash128(name)), name);
}

NamedRow
find_hashed(ReadTransaction& transaction, Table table, const Key& hashed, std::string_view name)
{
    const Key first = Key{hashed}.u8(0);
    if (const auto record = transaction.get(table, first); record && names(*record, name)) {
        return {first, record};
    }
    // Collisions are all but impossible; a gap is left where one of several was erased.
    unsigned number = 0;
    Cursor cursor{transaction, table, hashed};
    NamedRow free{first, std::nullopt};
    while (cursor.next()) {
        const auto taken = static_cast<std::uint8_t>(cursor.key().back());
        if (names(cursor.value(), name)) {
            return {Key{hashed}.u8(taken), cursor.value()};
        }
        if (taken == number) {
            free.key = Key{hashed}.u8(static_cast<std::uint8_t>(++number));
        }
    }
    if (number > last_number) {
        transaction.corrupt();
    }
    return free;
}

} // namespace sarang::lmdb
