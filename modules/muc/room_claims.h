// SPDX-License-Identifier: Apache-2.0
// RoomClaims: how many rooms each account has made on this shard that are kept nowhere yet. Those
// that are kept are counted in the store.
#pragma once

#include "xml/jid.h"

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace sarang::muc {

class RoomClaims {
public:
    /// Counts a room as long as it lives, which is no longer than the claims.
    class Claim {
    public:
        Claim(RoomClaims& claims, Jid maker);
        Claim(Claim&& other) noexcept;
        Claim& operator=(Claim&& other) noexcept;
        ~Claim();

    private:
        RoomClaims* claims_;
        Jid maker_;
    };

    Claim claim(const Jid& maker) { return Claim{*this, maker.bare()}; }

    std::size_t of(const Jid& maker) const;

    std::size_t total() const { return total_; }

private:
    std::unordered_map<Jid, std::size_t> by_maker_;
    std::size_t total_ = 0;
};

} // namespace sarang::muc
