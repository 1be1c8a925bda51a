// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/restored.h"

#include "base/bytes.h"

namespace sarang::lmdb {
namespace {

Key row()
{
    return Key{}.raw("restored_at");
}

} // namespace

std::uint64_t restored_at(ReadTransaction& transaction)
{
    return BytesReader{transaction.get(Table::meta, row()).value_or(std::string_view{})}.u64();
}

void set_restored_at(WriteTransaction& transaction, std::uint64_t time)
{
    BytesWriter value;
    transaction.put(Table::meta, row(), value.u64(time).bytes());
}

} // namespace sarang::lmdb
