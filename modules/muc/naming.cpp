// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/naming.h"

#include "xml/nickname.h"

#include <algorithm>
#include <string>

#include "modules/muc/muc.h"

namespace sarang::muc {

Result<void> may_be_a_nick(const Room& room, std::string_view nick)
{
    if (!is_all_visible(nick)) {
        return fail(Condition::jid_malformed, "All of a nickname is to be seen");
    }
    const std::size_t most = room.muc.longest_nick();
    if (length_of(nick) > most) {
        return fail(
            Condition::policy_violation,
            "A nickname has " + std::to_string(most) + " characters at the most");
    }
    return {};
}

Result<void> is_nobody_elses(const Room& room, const Jid& account, std::string_view nick)
{
    const NicknameLook look = look_of(nick);
    const std::vector<Occupant*> holders = room.occupants.alike(look);
    const bool taken = std::ranges::any_of(holders, [&account](const Occupant* holder) {
        return !account.same_bare(holder->account);
    });
    const std::vector<Jid> owners = room.affiliations.reserved_alike(look);
    const bool reserved = std::ranges::any_of(
        owners, [&account](const Jid& owner) { return !account.same_bare(owner); });
    if (taken || reserved) {
        return fail(Condition::conflict, "This nickname is somebody else's, or looks like it");
    }
    return {};
}

} // namespace sarang::muc
