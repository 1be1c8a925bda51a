// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/invitations.h"

#include <algorithm>
#include <utility>

namespace sarang::muc {

void Invitations::note(Invitation invitation)
{
    std::erase_if(invitations_, [&invitation](const Invitation& one) {
        return one.invitee == invitation.invitee && one.inviter == invitation.inviter;
    });
    invitations_.push_back(std::move(invitation));
    if (invitations_.size() > most_remembered) {
        invitations_.pop_front();
    }
}

std::optional<Invitation> Invitations::take(const Jid& invitee, const Jid& inviter)
{
    const auto found = std::ranges::find_if(invitations_, [&](const Invitation& one) {
        return invitee.same_bare(one.invitee) &&
               (inviter == one.named || inviter.same_bare(one.inviter));
    });
    if (found == invitations_.end()) {
        return std::nullopt;
    }
    Invitation taken = std::move(*found);
    invitations_.erase(found);
    return taken;
}

} // namespace sarang::muc
