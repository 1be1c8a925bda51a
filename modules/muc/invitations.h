// SPDX-License-Identifier: Apache-2.0
// Invitations: who was invited by whom, so that nobody declines what he was not asked.
#pragma once

#include "xml/jid.h"

#include <cstddef>
#include <list>
#include <optional>

namespace sarang::muc {

struct Invitation {
    Jid invitee; ///< an account
    Jid named;   ///< the inviter, as the invitation names him
    Jid inviter; ///< his account

    bool operator==(const Invitation&) const = default;
};

class Invitations {
public:
    /// Of more, the oldest are forgotten: they cannot be declined any more.
    static constexpr std::size_t most_remembered = 256;

    /// Of several by one to another, the last counts.
    void note(Invitation invitation);

    /// That of an account by whom it names; it can be declined once.
    std::optional<Invitation> take(const Jid& invitee, const Jid& inviter);

    std::size_t size() const { return invitations_.size(); }

private:
    std::list<Invitation> invitations_; ///< the oldest first
};

} // namespace sarang::muc
