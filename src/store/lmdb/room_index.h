// SPDX-License-Identifier: Apache-2.0
// Where a room's rows are, and what is changed in them, inside a transaction.
#pragma once

#include "base/api.h"
#include "store/lmdb/room_rows.h"
#include "store/lmdb/transaction.h"
#include "store/room_store.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// The two orders in which rooms stand, each by id.
enum class RoomOrder : std::uint8_t { all = 0, listed = 1 };

/// The key of a room there.
inline Key order_key(std::uint64_t host, RoomOrder order, std::uint64_t id)
{
    return Key{host}.u8(static_cast<std::uint8_t>(order)).u64(id);
}

struct FoundRoom {
    Key key;                    ///< where it stands, or where a new one goes
    std::optional<RoomRow> row; ///< in place
};

/// A room, if there is one. The transaction has failed when it is damaged.
SARANG_API FoundRoom find_room(ReadTransaction& transaction, std::string_view room);

/// The id of a room, or of one that was erased of late.
std::optional<std::uint64_t> room_place(ReadTransaction& transaction, std::string_view room);

/// Nothing when they are damaged.
std::optional<RoomTotals> room_totals(ReadTransaction& transaction, std::uint64_t host);

SARANG_API void
put_room(WriteTransaction& transaction, std::string_view room, const RoomHead& head);

/// False when there is no such room.
SARANG_API bool put_affiliations(
    WriteTransaction& transaction,
    std::string_view room,
    const std::vector<StoredAffiliation>& changes);

/// False when there is no such room. It is gone then, and notes that its affiliations are to be
/// erased.
SARANG_API bool remove_room(WriteTransaction& transaction, std::string_view room);

/// Erases a bounded part of what is noted so; whether more is.
SARANG_API bool erase_affiliations(WriteTransaction& transaction);

/// Erases all that is noted so, which a crash left over; blocks. Requires that no other thread
/// writes. A failure is told to the log, and the next start tries again.
void finish_erasing_rooms(const Environment& environment);

} // namespace sarang::lmdb
