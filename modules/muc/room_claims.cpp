// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/room_claims.h"

namespace sarang::muc {

RoomClaims::Claim::Claim(RoomClaims& claims, Jid maker)
    : claims_{&claims}
    , maker_{std::move(maker)}
{
    ++claims_->by_maker_[maker_];
    ++claims_->total_;
}

RoomClaims::Claim::Claim(Claim&& other) noexcept
    : claims_{std::exchange(other.claims_, nullptr)}
    , maker_{std::move(other.maker_)}
{}

RoomClaims::Claim& RoomClaims::Claim::operator=(Claim&& other) noexcept
{
    std::swap(claims_, other.claims_);
    std::swap(maker_, other.maker_);
    return *this;
}

RoomClaims::Claim::~Claim()
{
    if (claims_ == nullptr) {
        return;
    }
    --claims_->total_;
    const auto found = claims_->by_maker_.find(maker_);
    if (--found->second == 0) {
        claims_->by_maker_.erase(found);
    }
}

std::size_t RoomClaims::of(const Jid& maker) const
{
    const auto found = by_maker_.find(maker);
    return found != by_maker_.end() ? found->second : 0;
}

} // namespace sarang::muc
