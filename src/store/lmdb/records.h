// SPDX-License-Identifier: Apache-2.0
// The records of the tables, as bytes: each begins with its version, and may come back damaged,
// in which case there is nothing. Views that a decoder gives point into the bytes.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "store/account_store.h"
#include "store/offline_store.h"
#include "store/roster_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::lmdb {

// The owner's name is not in his account's record.
SARANG_API std::string encode(const Account& account);
SARANG_API std::optional<Account> decode_account(std::string_view bytes);

struct RosterHead {
    std::uint64_t version = 0;
    std::uint64_t removals = 0; ///< that are remembered
    std::uint64_t oldest = 0;   ///< the first version whose later changes are all known

    bool operator==(const RosterHead&) const = default;
};

SARANG_API std::string encode(const RosterHead& head);
SARANG_API std::optional<RosterHead> decode_roster_head(std::string_view bytes);

struct RosterRow {
    RosterItem item;
    std::uint64_t version = 0; ///< of the roster when it was written

    bool operator==(const RosterRow&) const = default;
};

SARANG_API std::string encode(const RosterRow& row);
SARANG_API std::optional<RosterRow> decode_roster_row(std::string_view bytes);

struct OfflineHead {
    std::uint64_t last = 0; ///< position
    std::uint64_t count = 0;

    bool operator==(const OfflineHead&) const = default;
};

SARANG_API std::string encode(const OfflineHead& head);
SARANG_API std::optional<OfflineHead> decode_offline_head(std::string_view bytes);

struct OfflineRow {
    Clock::Wall time;
    std::string_view stanza;

    bool operator==(const OfflineRow&) const = default;
};

SARANG_API std::string encode(const OfflineRow& row);
SARANG_API std::optional<OfflineRow> decode_offline_row(std::string_view bytes);

/// A row that is found by its name (store/lmdb/named.h), and what follows that.
struct NamedValue {
    std::string_view name;
    std::string_view value;

    bool operator==(const NamedValue&) const = default;
};

SARANG_API std::string encode(const NamedValue& value);
SARANG_API std::optional<NamedValue> decode_named_value(std::string_view bytes);

} // namespace sarang::lmdb
