// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/values.h"

#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

// The value in a row, in place.
std::optional<std::string_view> value_in(ReadTransaction& transaction, const NamedRow& row)
{
    if (!row.record) {
        return std::nullopt;
    }
    const auto decoded = decode_named_value(*row.record);
    if (!decoded) {
        transaction.corrupt();
        return std::nullopt;
    }
    return decoded->value;
}

void put_value(
    WriteTransaction& transaction,
    std::string_view owner,
    std::string_view name,
    std::string_view value)
{
    const std::uint64_t id = need_owner(transaction, owner);
    const NamedRow row = find_named(transaction, Table::values, Key{id}, name);
    transaction.put(Table::values, row.key, encode(NamedValue{name, value}));
}

std::optional<std::string>
find_value(ReadTransaction& transaction, std::string_view owner, std::string_view name)
{
    const auto id = find_owner(transaction, owner);
    if (!id) {
        return std::nullopt;
    }
    const NamedRow row = find_named(transaction, Table::values, Key{*id}, name);
    const auto value = value_in(transaction, row);
    return value ? std::optional<std::string>{*value} : std::nullopt;
}

bool erase_value(WriteTransaction& transaction, std::string_view owner, std::string_view name)
{
    const auto id = find_owner(transaction, owner);
    if (!id) {
        return false;
    }
    const NamedRow row = find_named(transaction, Table::values, Key{*id}, name);
    if (!row.record) {
        return false;
    }
    transaction.erase(Table::values, row.key);
    erase_idle_owner(transaction, owner, *id);
    return true;
}

std::vector<std::string> names_of(ReadTransaction& transaction, std::uint64_t id)
{
    std::vector<std::string> names;
    Cursor cursor{transaction, Table::values, Key{id}};
    while (cursor.next()) {
        const auto decoded = decode_named_value(cursor.value());
        if (!decoded) {
            transaction.corrupt();
            break;
        }
        names.emplace_back(decoded->name);
    }
    std::ranges::sort(names);
    return names;
}

} // namespace

Task<Result<std::optional<std::string>>> Values::get(std::string_view owner, std::string_view name)
{
    auto work = [owner, name](ReadTransaction& transaction) -> Result<std::optional<std::string>> {
        return find_value(transaction, owner, name);
    };
    return engine_.read(work);
}

Task<Result<void>> Values::put(std::string_view owner, std::string_view name, std::string value)
{
    const std::size_t size = value.size();
    auto work = [owner = std::string{owner}, name = std::string{name}, value = std::move(value)](
                    WriteTransaction& transaction) -> Result<void> {
        put_value(transaction, owner, name, value);
        return {};
    };
    return engine_.write(size, std::move(work));
}

Task<Result<std::string>>
Values::put_first(std::string_view owner, std::string_view name, std::string value)
{
    const std::size_t size = value.size();
    auto work = [owner = std::string{owner}, name = std::string{name}, value = std::move(value)](
                    WriteTransaction& transaction) -> Result<std::string> {
        if (auto kept = find_value(transaction, owner, name)) {
            return std::move(*kept);
        }
        put_value(transaction, owner, name, value);
        return value;
    };
    return engine_.write(size, std::move(work));
}

Task<Result<bool>> Values::erase(std::string_view owner, std::string_view name)
{
    auto work = [owner = std::string{owner},
                 name = std::string{name}](WriteTransaction& transaction) -> Result<bool> {
        return erase_value(transaction, owner, name);
    };
    return engine_.write(owner.size() + name.size(), std::move(work));
}

Task<Result<std::vector<std::string>>> Values::names(std::string_view owner)
{
    auto work = [owner = std::string{owner}](
                    ReadTransaction& transaction) -> Result<std::vector<std::string>> {
        const auto id = find_owner(transaction, owner);
        return id ? names_of(transaction, *id) : std::vector<std::string>{};
    };
    return engine_.read_aside(std::move(work));
}

} // namespace sarang::lmdb
