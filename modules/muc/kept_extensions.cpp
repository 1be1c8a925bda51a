// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/kept_extensions.h"

#include "base/bytes.h"

#include <utility>

namespace sarang::muc {
namespace {

constexpr std::uint8_t codec_version = 1;

void write_card(BytesWriter& out, const RoomCard& card)
{
    out.boolean(card.there).u8(card.place).varint(card.hashes.size());
    for (const std::string& hash : card.hashes) {
        out.string(hash);
    }
}

bool read_card(BytesReader& in, RoomCard& card)
{
    card.there = in.boolean();
    card.place = in.u8();
    for (std::size_t left = in.count(); left > 0; --left) {
        card.hashes.emplace_back(in.string());
    }
    return in.ok() && card.place <= 1;
}

} // namespace

std::string encode_extensions(const Room& room)
{
    BytesWriter out;
    out.u8(codec_version);
    room.versions.write(out);
    room.hats.write(out);
    write_card(out, room.card);
    room.activity.write(out);
    return out.take();
}

bool decode_extensions(std::string_view bytes, Room& room)
{
    if (bytes.empty()) {
        return true;
    }
    BytesReader in{bytes};
    const bool known = in.u8() == codec_version;
    return known && room.versions.read(in) && room.hats.read(in) && read_card(in, room.card) &&
           room.activity.read(in);
}

} // namespace sarang::muc
