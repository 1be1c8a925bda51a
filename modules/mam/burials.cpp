// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/burials.h"

#include "base/bytes.h"

#include <chrono>
#include <utility>

namespace sarang {
namespace {

constexpr std::uint8_t codec_version = 1;
constexpr std::size_t smallest = 12;

} // namespace

std::string Codec<Burials>::encode(const Burials& burials)
{
    BytesWriter out;
    out.u8(codec_version).varint(burials.size());
    for (const Burial& burial : burials) {
        const auto time = burial.retraction.time.time_since_epoch().count();
        out.string(burial.with).string(burial.message_id);
        out.string(burial.retraction.from.str()).string(burial.retraction.id);
        out.u64(static_cast<std::uint64_t>(time));
    }
    return out.take();
}

std::optional<Burials> Codec<Burials>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    if (in.u8() != codec_version) {
        return std::nullopt;
    }
    Burials burials;
    for (std::size_t left = in.count(smallest); left > 0 && in.ok(); --left) {
        Burial burial;
        burial.with = in.string();
        burial.message_id = in.string();
        Result<Jid> from = Jid::parse(in.string());
        burial.retraction.id = in.string();
        const std::chrono::milliseconds time{static_cast<std::int64_t>(in.u64())};
        if (!from) {
            return std::nullopt;
        }
        burial.retraction.from = std::move(*from);
        burial.retraction.time = Clock::Wall{time};
        burials.push_back(std::move(burial));
    }
    return in.complete() ? std::optional{std::move(burials)} : std::nullopt;
}

} // namespace sarang
