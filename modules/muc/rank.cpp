// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/rank.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace sarang::muc {
namespace {

constexpr std::array<std::string_view, 5> affiliations{
    "outcast", "none", "member", "admin", "owner"};
constexpr std::array<std::string_view, 4> roles{"none", "visitor", "participant", "moderator"};

template <class Rung, std::size_t size>
std::optional<Rung> named(const std::array<std::string_view, size>& names, std::string_view name)
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<Rung>(std::distance(names.begin(), found));
}

/// The lowest with this privilege.
Role least(RolePrivilege privilege)
{
    switch (privilege) {
    case RolePrivilege::be_present:
    case RolePrivilege::receive_messages:
    case RolePrivilege::receive_presence:
    case RolePrivilege::broadcast_presence:
    case RolePrivilege::change_availability:
    case RolePrivilege::change_nick:
    case RolePrivilege::send_private_messages:
    case RolePrivilege::invite:
        return Role::visitor;
    case RolePrivilege::speak:
    case RolePrivilege::change_subject:
        return Role::participant;
    case RolePrivilege::kick:
    case RolePrivilege::grant_voice:
    case RolePrivilege::revoke_voice:
        break;
    }
    return Role::moderator;
}

/// The lowest with this privilege.
Affiliation least(AffiliationPrivilege privilege)
{
    switch (privilege) {
    case AffiliationPrivilege::enter_open_room:
    case AffiliationPrivilege::register_with_open_room:
        return Affiliation::none;
    case AffiliationPrivilege::retrieve_member_list:
    case AffiliationPrivilege::enter_members_only_room:
        return Affiliation::member;
    case AffiliationPrivilege::ban:
    case AffiliationPrivilege::edit_member_list:
    case AffiliationPrivilege::change_moderators:
        return Affiliation::admin;
    case AffiliationPrivilege::edit_admin_list:
    case AffiliationPrivilege::edit_owner_list:
    case AffiliationPrivilege::configure:
    case AffiliationPrivilege::destroy:
        break;
    }
    return Affiliation::owner;
}

Failure only_admins()
{
    return fail(Condition::forbidden, "Only admins may do that");
}

Failure only_moderators()
{
    return fail(Condition::forbidden, "Only moderators may do that");
}

Failure too_high()
{
    return fail(Condition::not_allowed, "Not to somebody of this affiliation");
}

Result<void> may_kick(Rank actor, Rank target)
{
    if (!may(actor.role, RolePrivilege::kick)) {
        return only_moderators();
    }
    const bool of_admins = target.role == Role::moderator &&
                           !may(actor.affiliation, AffiliationPrivilege::change_moderators);
    if (of_admins || target.affiliation > actor.affiliation) {
        return too_high();
    }
    return {};
}

/// §8.4 keeps moderators from taking voice from those "at or above" their level, §8.5 from those
/// above: none is the absence of an affiliation, so those without one are not at a level.
bool keeps_voice(Rank actor, Rank target)
{
    return target.affiliation >= Affiliation::admin ||
           (target.affiliation >= Affiliation::member && target.affiliation >= actor.affiliation);
}

Result<void> may_change_voice(Rank actor, Rank target, Role to)
{
    if (!may(actor.role, RolePrivilege::grant_voice)) {
        return only_moderators();
    }
    if (to < target.role && keeps_voice(actor, target)) {
        return too_high();
    }
    return {};
}

/// An admin or owner is a moderator by that alone: nobody takes it from him (§9.8).
Result<void> may_change_moderator(Rank actor, Rank target, Role to)
{
    if (!may(actor.affiliation, AffiliationPrivilege::change_moderators)) {
        return only_admins();
    }
    if (to < target.role && target.affiliation >= Affiliation::admin) {
        return too_high();
    }
    return {};
}

} // namespace

std::string_view name(Affiliation affiliation)
{
    return affiliations[static_cast<std::size_t>(affiliation)];
}

std::string_view name(Role role)
{
    return roles[static_cast<std::size_t>(role)];
}

std::optional<Affiliation> affiliation_named(std::string_view name)
{
    return named<Affiliation>(affiliations, name);
}

std::optional<Role> role_named(std::string_view name)
{
    return named<Role>(roles, name);
}

bool may(Role role, RolePrivilege privilege)
{
    return role >= least(privilege);
}

bool may(Affiliation affiliation, AffiliationPrivilege privilege)
{
    if (privilege == AffiliationPrivilege::register_with_open_room) {
        return affiliation == Affiliation::none;
    }
    return affiliation >= least(privilege);
}

Role initial_role(Affiliation affiliation, bool moderated, bool members_only)
{
    switch (affiliation) {
    case Affiliation::outcast:
        break;
    case Affiliation::none:
        if (members_only) {
            break;
        }
        return moderated ? Role::visitor : Role::participant;
    case Affiliation::member:
        return Role::participant;
    case Affiliation::admin:
    case Affiliation::owner:
        return Role::moderator;
    }
    return Role::none;
}

Result<void> may_change_role(Rank actor, Rank target, Role to, bool self)
{
    if (target.role == Role::none) {
        return fail(Condition::item_not_found, "Nobody of this nickname is in the room");
    }
    if (self && to == Role::none) {
        return {};
    }
    if (to == Role::none) {
        return may_kick(actor, target);
    }
    return target.role == Role::moderator || to == Role::moderator
               ? may_change_moderator(actor, target, to)
               : may_change_voice(actor, target, to);
}

Result<void>
may_change_affiliation(Affiliation actor, Affiliation target, Affiliation to, bool self)
{
    if (!may(actor, AffiliationPrivilege::edit_member_list)) {
        return only_admins();
    }
    if (self && to == Affiliation::outcast) {
        return fail(Condition::conflict, "Nobody bans himself");
    }
    if (actor == Affiliation::owner) {
        return {};
    }
    if (target >= Affiliation::admin && to == Affiliation::outcast) {
        return too_high();
    }
    if (target >= Affiliation::admin || to >= Affiliation::admin) {
        return fail(Condition::forbidden, "Only owners may do that");
    }
    return {};
}

Result<void> may_read_roles(Rank actor, Role list)
{
    switch (list) {
    case Role::none:
        return fail(Condition::bad_request, "There is no list of those without a role");
    case Role::visitor:
    case Role::participant:
        if (actor.role != Role::moderator) {
            return only_moderators();
        }
        return {};
    case Role::moderator:
        break;
    }
    if (!may(actor.affiliation, AffiliationPrivilege::change_moderators)) {
        return only_admins();
    }
    return {};
}

} // namespace sarang::muc
