// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/room_rows.h"

#include "base/bytes.h"

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t record_version = 1;

} // namespace

std::string encode(const RoomRow& row)
{
    BytesWriter writer;
    writer.u8(record_version).string(row.room).u64(row.id).u64(row.host).boolean(row.listed);
    return writer.string(row.title).string(row.config).string(row.state).take();
}

std::optional<RoomRow> decode_room_row(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    RoomRow row;
    row.room = reader.string();
    row.id = reader.u64();
    row.host = reader.u64();
    row.listed = reader.boolean();
    row.title = reader.string();
    row.config = reader.string();
    row.state = reader.string();
    return reader.complete() && row.id != 0 && row.host != 0 ? std::optional{row} : std::nullopt;
}

std::string encode(const RoomTotals& totals)
{
    BytesWriter writer;
    return writer.u8(record_version).u64(totals.rooms).u64(totals.listed).take();
}

std::optional<RoomTotals> decode_room_totals(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    RoomTotals totals;
    totals.rooms = reader.u64();
    totals.listed = reader.u64();
    const bool sound = reader.complete() && totals.listed <= totals.rooms;
    return sound ? std::optional{totals} : std::nullopt;
}

std::string encode(const PastRoom& past)
{
    BytesWriter writer;
    return writer.u8(record_version).string(past.room).u64(past.id).u64(past.erasure).take();
}

std::optional<PastRoom> decode_past_room(std::string_view bytes)
{
    BytesReader reader{bytes};
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    PastRoom past;
    past.room = reader.string();
    past.id = reader.u64();
    past.erasure = reader.u64();
    return reader.complete() ? std::optional{past} : std::nullopt;
}

} // namespace sarang::lmdb
