// SPDX-License-Identifier: Apache-2.0
// Who may do what in a room (XEP-0045 §5): affiliations, which last, roles, which end with a visit,
// and the rules of who may change those of whom (§8 to §10).
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sarang::muc {

/// The higher may do all that the lower may.
enum class Affiliation : std::uint8_t { outcast, none, member, admin, owner };

/// The higher may do all that the lower may; none is to be outside.
enum class Role : std::uint8_t { none, visitor, participant, moderator };

std::string_view name(Affiliation affiliation);
std::string_view name(Role role);
std::optional<Affiliation> affiliation_named(std::string_view name);
std::optional<Role> role_named(std::string_view name);

/// What a role allows unless the room's configuration says otherwise (§5.1.1).
enum class RolePrivilege : std::uint8_t {
    be_present,
    receive_messages,
    receive_presence,
    broadcast_presence,
    change_availability,
    change_nick,
    send_private_messages,
    invite,
    speak,
    change_subject,
    kick,
    grant_voice,
    revoke_voice,
};

bool may(Role role, RolePrivilege privilege);

/// What an affiliation allows (§5.2.1).
enum class AffiliationPrivilege : std::uint8_t {
    enter_open_room,
    register_with_open_room, ///< only for those who are not registered yet
    retrieve_member_list,    ///< of a non-anonymous room
    enter_members_only_room,
    ban,
    edit_member_list,
    change_moderators,
    edit_admin_list,
    edit_owner_list,
    configure,
    destroy,
};

bool may(Affiliation affiliation, AffiliationPrivilege privilege);

/// Of those who enter (§5.1.2); none for those who may not.
Role initial_role(Affiliation affiliation, bool moderated, bool members_only);

struct Rank {
    Affiliation affiliation = Affiliation::none;
    Role role = Role::none;

    bool operator==(const Rank&) const = default;
};

/// Whether `actor` may give the occupant `target` the role `to`: none is to kick (§8.2), visitor
/// and participant take and give voice (§8.3, §8.4), moderator is the admins' to give and take
/// (§9.6, §9.7). forbidden for those who may do nothing of the kind, not-allowed where the target
/// is too high, item-not-found for one who is not there. `self` is to kick oneself, which all may.
Result<void> may_change_role(Rank actor, Rank target, Role to, bool self = false);

/// Whether `actor` may make of a `target` a `to` (§9.1 to §9.5, §10.3 to §10.8). forbidden for
/// those who may not edit such a list, not-allowed for a ban of somebody too high, conflict for one
/// of oneself (`self`). That the last owner stays is the caller's to see to.
Result<void>
may_change_affiliation(Affiliation actor, Affiliation target, Affiliation to, bool self = false);

/// Whether `actor` may see who has a role: moderators those of voice (§8.5), admins the moderators
/// (§9.8). There are no lists of those without a role: bad-request.
Result<void> may_read_roles(Rank actor, Role list);

} // namespace sarang::muc
