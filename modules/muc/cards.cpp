// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/cards.h"

#include "base/bytes.h"

#include <utility>

namespace sarang::muc {

Task<Result<std::optional<std::string>>> Cards::load(const Room& room) const
{
    if (!room.card.there) {
        co_return std::optional<std::string>{};
    }
    const Store<StoredCard>& place = places_[room.card.place];
    std::optional<StoredCard> card = co_await ok(place.load(room.jid.str()));
    co_return card ? std::optional{std::move(card->xml)} : std::nullopt;
}

Task<Result<void>> Cards::prepare(const Room& room, std::string xml) const
{
    const Store<StoredCard>& place = places_[room.card.other_place()];
    StoredCard card{std::move(xml)};
    Task<Result<void>> saving = place.save(room.jid.str(), std::move(card));
    co_return co_await saving;
}

Task<Result<void>> Cards::tidy(const Room& room) const
{
    const Store<StoredCard>& place = places_[room.card.other_place()];
    co_await ok(place.erase(room.jid.str()));
    co_return Result<void>{};
}

// Most rooms that are no more had none: to look costs less than to write.
Task<Result<void>> Cards::forget(const Room& room) const
{
    for (const Store<StoredCard>& place : places_) {
        const std::optional<StoredCard> card = co_await ok(place.load(room.jid.str()));
        if (card) {
            co_await ok(place.erase(room.jid.str()));
        }
    }
    co_return Result<void>{};
}

} // namespace sarang::muc

namespace sarang {
namespace {

constexpr std::uint8_t codec_version = 1;

} // namespace

std::string Codec<muc::StoredCard>::encode(const muc::StoredCard& card)
{
    BytesWriter out;
    out.u8(codec_version).raw(card.xml);
    return out.take();
}

std::optional<muc::StoredCard> Codec<muc::StoredCard>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == codec_version;
    return known ? std::optional{muc::StoredCard{std::string{in.rest()}}} : std::nullopt;
}

} // namespace sarang
