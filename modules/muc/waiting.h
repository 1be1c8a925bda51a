// SPDX-License-Identifier: Apache-2.0
// How many stanzas may wait for a room: who has filled it does not keep out those who run it.
#pragma once

#include "xml/stanza.h"

#include <cstddef>

namespace sarang::muc {

struct WaitingBounds {
    std::size_t most;  ///< requests, messages, presence; of answers as many again
    std::size_t spare; ///< places beyond that, for owners and admins
};

/// `staff()` tells whether the sender is one of those; it is asked only where that matters.
template <class Staff>
bool may_wait(const Stanza& stanza, std::size_t waiting, const WaitingBounds& bounds, Staff staff)
{
    if (stanza.kind == Kind::presence && stanza.type == Type::unavailable) {
        return true; // nobody is kept from leaving
    }
    const std::size_t most = stanza.answerable() ? bounds.most : 2 * bounds.most;
    return waiting < most || (waiting < most + bounds.spare && staff());
}

} // namespace sarang::muc
