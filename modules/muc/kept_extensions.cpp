// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/kept_extensions.h"

#include "base/bytes.h"

#include <utility>

namespace sarang::muc {
namespace {

constexpr std::uint8_t codec_version = 1;

} // namespace

std::string encode_extensions(const Room& room)
{
    BytesWriter out;
    out.u8(codec_version);
    room.hats.write(out);
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
    return known && room.hats.read(in) && room.activity.read(in);
}

} // namespace sarang::muc
