// SPDX-License-Identifier: Apache-2.0
// The records of rooms, as store/lmdb/records.h has others; views point into the bytes.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::lmdb {

struct RoomRow {
    std::string_view room; ///< its name, by which it is found (store/lmdb/named.h)
    std::uint64_t id = 0;  ///< rises with each room that is made, never 0
    std::uint64_t host = 0;
    bool listed = false;
    std::string_view title;
    std::string_view config;
    std::string_view state;

    bool operator==(const RoomRow&) const = default;
};

SARANG_API std::string encode(const RoomRow& row);
SARANG_API std::optional<RoomRow> decode_room_row(std::string_view bytes);

/// Of a host.
struct RoomTotals {
    std::uint64_t rooms = 0;
    std::uint64_t listed = 0; ///< among those

    bool operator==(const RoomTotals&) const = default;
};

SARANG_API std::string encode(const RoomTotals& totals);
SARANG_API std::optional<RoomTotals> decode_room_totals(std::string_view bytes);

/// Where a room stood that was erased.
struct PastRoom {
    std::string_view room;
    std::uint64_t id = 0;
    std::uint64_t erasure = 0; ///< number of it

    bool operator==(const PastRoom&) const = default;
};

SARANG_API std::string encode(const PastRoom& past);
SARANG_API std::optional<PastRoom> decode_past_room(std::string_view bytes);

} // namespace sarang::lmdb
