// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/config.h"

#include <algorithm>

namespace sarang::muc {
namespace {

bool contains(const std::vector<Role>& roles, Role role)
{
    return std::ranges::find(roles, role) != roles.end();
}

bool may_read_members(const RoomConfig& config, Rank actor)
{
    if (may(actor.affiliation, AffiliationPrivilege::edit_member_list)) {
        return true;
    }
    if (actor.affiliation == Affiliation::outcast) {
        return false;
    }
    const bool outside = actor.role == Role::none && actor.affiliation == Affiliation::member;
    const Role role = outside ? Role::participant : actor.role;
    return contains(config.member_list, role) && (config.non_anonymous || role == Role::moderator);
}

bool may_read(const RoomConfig& config, Rank actor, Affiliation list)
{
    if (list == Affiliation::outcast) {
        return may(actor.affiliation, AffiliationPrivilege::ban);
    }
    if (list == Affiliation::member || config.non_anonymous) {
        return may_read_members(config, actor);
    }
    return may(actor.affiliation, AffiliationPrivilege::edit_admin_list);
}

} // namespace

std::string title_of(const Jid& room, const RoomConfig& config)
{
    return config.name.empty() ? std::string{room.local()} : config.name;
}

bool may_change_subject(const RoomConfig& config, Role role)
{
    return role == Role::moderator ||
           (config.change_subject && may(role, RolePrivilege::change_subject));
}

bool may_send_private(const RoomConfig& config, Role role)
{
    switch (config.allow_pm) {
    case RoomConfig::AllowPm::anyone:
        return may(role, RolePrivilege::send_private_messages);
    case RoomConfig::AllowPm::participants:
        return role >= Role::participant;
    case RoomConfig::AllowPm::moderators:
        return role == Role::moderator;
    case RoomConfig::AllowPm::none:
        break;
    }
    return false;
}

bool broadcasts(const RoomConfig& config, Role role)
{
    return contains(config.broadcast, role);
}

bool may_invite(const RoomConfig& config, Rank actor)
{
    if (!config.members_only) {
        return may(actor.role, RolePrivilege::invite);
    }
    return may(actor.affiliation, AffiliationPrivilege::edit_member_list) ||
           (config.allow_invites && actor.affiliation == Affiliation::member);
}

Result<void> may_read_affiliations(const RoomConfig& config, Rank actor, Affiliation list)
{
    if (list == Affiliation::none) {
        return fail(Condition::bad_request, "There is no list of those without an affiliation");
    }
    if (!may_read(config, actor, list)) {
        return fail(Condition::forbidden, "This list is not for you");
    }
    return {};
}

std::vector<unsigned> status_codes(const RoomConfig& before, const RoomConfig& after)
{
    std::vector<unsigned> codes;
    if (before.archived != after.archived) {
        codes.push_back(after.archived ? 170 : 171);
    }
    if (before.non_anonymous != after.non_anonymous) {
        codes.push_back(after.non_anonymous ? 172 : 173);
    }
    RoomConfig rest = after;
    rest.archived = before.archived;
    rest.non_anonymous = before.non_anonymous;
    if (rest != before) {
        codes.push_back(104);
    }
    return codes;
}

std::vector<std::string_view> room_features(const RoomConfig& config)
{
    return {
        config.listed ? "muc_public" : "muc_hidden",
        config.persistent ? "muc_persistent" : "muc_temporary",
        config.members_only ? "muc_membersonly" : "muc_open",
        config.moderated ? "muc_moderated" : "muc_unmoderated",
        config.non_anonymous ? "muc_nonanonymous" : "muc_semianonymous",
        config.password.empty() ? "muc_unsecured" : "muc_passwordprotected",
    };
}

} // namespace sarang::muc
