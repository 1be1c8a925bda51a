// SPDX-License-Identifier: Apache-2.0
// Owners and hosts: names, and the integers that stand for them in keys.
#pragma once

#include "base/api.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// The owner's id, if anything is or was kept for him.
SARANG_API std::optional<std::uint64_t>
find_owner(ReadTransaction& transaction, std::string_view owner);
/// The same; where his row is damaged and his account tells the id, the row is made anew.
SARANG_API std::optional<std::uint64_t>
find_owner(WriteTransaction& transaction, std::string_view owner);

/// The owner's id, a new one if need be; never 0, never one that another had.
SARANG_API std::uint64_t need_owner(WriteTransaction& transaction, std::string_view owner);

/// Erases all that is kept under an id, which is not to be used any more: of an archive, it notes
/// that it is to be erased.
SARANG_API void erase_owned(WriteTransaction& transaction, std::uint64_t id);

/// Erases a bounded part of what is noted so; whether more is.
SARANG_API bool erase_some(WriteTransaction& transaction);

/// Forgets the owner himself. Requires that nothing is kept for him.
SARANG_API void erase_owner(WriteTransaction& transaction, std::string_view owner);

/// Forgets an owner for whom nothing is kept any more, or leaves him alone.
void erase_idle_owner(WriteTransaction& transaction, std::string_view owner, std::uint64_t id);

struct OwnerRow {
    std::string name;
    std::uint64_t id = 0;
};

/// Some of all owners, from a row on (empty: the first), which becomes the one to go on from, empty
/// at the end.
std::vector<OwnerRow>
some_owners(ReadTransaction& transaction, std::string& from, std::size_t limit);

struct HostRecord {
    std::uint64_t id = 0;
    std::uint64_t accounts = 0;
};

/// The name of the host that has an account of this owner; all of them are looked through.
std::optional<std::string> host_of_account(ReadTransaction& transaction, std::string_view owner);

std::optional<HostRecord> find_host(ReadTransaction& transaction, std::string_view host);

/// The host's id, a new one if need be.
std::uint64_t need_host(WriteTransaction& transaction, std::string_view host);

/// The host's record with one account more, as written.
HostRecord add_account(WriteTransaction& transaction, std::string_view host);

/// One account less.
void subtract_account(WriteTransaction& transaction, std::string_view host);

} // namespace sarang::lmdb
