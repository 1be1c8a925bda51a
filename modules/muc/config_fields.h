// SPDX-License-Identifier: Apache-2.0
// The fields of muc#roomconfig (XEP-0045 §16.5.3), for those who write the form and who read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/config_form.h"

namespace sarang::muc {

struct TextField {
    std::string_view var;
    std::string_view label;
    std::string RoomConfig::*member;
    std::size_t ConfigLimits::*limit;
};

inline constexpr std::array text_fields{
    TextField{
        "muc#roomconfig_roomname", "Name of the room", &RoomConfig::name, &ConfigLimits::name},
    TextField{
        "muc#roomconfig_roomdesc",
        "What the room is for",
        &RoomConfig::description,
        &ConfigLimits::description},
    TextField{
        "muc#roomconfig_lang",
        "Language that is spoken here",
        &RoomConfig::language,
        &ConfigLimits::language},
    TextField{
        "muc#roomconfig_pubsub",
        "URI of its publish-subscribe node",
        &RoomConfig::pubsub,
        &ConfigLimits::pubsub},
};

struct BoolField {
    std::string_view var;
    std::string_view label;
    bool RoomConfig::*member;
};

inline constexpr std::array bool_fields{
    BoolField{
        "muc#roomconfig_persistentroom",
        "The room stays when nobody is there",
        &RoomConfig::persistent},
    BoolField{"muc#roomconfig_publicroom", "The room is listed", &RoomConfig::listed},
    BoolField{"muc#roomconfig_membersonly", "Only members may enter", &RoomConfig::members_only},
    BoolField{
        "muc#roomconfig_allowinvites", "Members may invite others", &RoomConfig::allow_invites},
    BoolField{
        "muc#roomconfig_moderatedroom", "Only those with voice may speak", &RoomConfig::moderated},
    BoolField{
        "{urn:sarang:muc:0}voice_requests",
        "Visitors may ask for voice",
        &RoomConfig::voice_requests},
    BoolField{
        "muc#roomconfig_changesubject",
        "Participants may change the subject",
        &RoomConfig::change_subject},
    BoolField{"muc#roomconfig_enablelogging", "What is said is archived", &RoomConfig::archived},
    BoolField{
        "muc#roomconfig_forwardmentions",
        "Members who are away are told when they are mentioned",
        &RoomConfig::forward_mentions},
};

struct NumberField {
    std::string_view var;
    std::string_view label;
    std::uint32_t RoomConfig::*member;
    std::uint32_t ConfigLimits::*limit;
};

inline constexpr std::array number_fields{
    NumberField{
        "muc#maxhistoryfetch",
        "Messages shown to those who enter, at the most",
        &RoomConfig::history,
        &ConfigLimits::history},
    NumberField{
        "muc#roomconfig_slow_mode_duration",
        "Seconds between two messages of one person; 0: none",
        &RoomConfig::slow_mode,
        &ConfigLimits::slow_mode},
};

struct RolesField {
    std::string_view var;
    std::string_view label;
    std::vector<Role> RoomConfig::*member;
};

inline constexpr std::array roles_fields{
    RolesField{
        "muc#roomconfig_presencebroadcast",
        "Whose presence is shown to all",
        &RoomConfig::broadcast},
    RolesField{
        "muc#roomconfig_getmemberlist",
        "Who may see the list of members",
        &RoomConfig::member_list},
};

/// In the order in which lists of them are told and kept.
inline constexpr std::array occupant_roles{Role::moderator, Role::participant, Role::visitor};

/// In the order of RoomConfig::AllowPm.
inline constexpr std::array<std::string_view, 4> allow_pm_names{
    "anyone", "participants", "moderators", "none"};

/// In the order of RoomConfig::Inboxes.
inline constexpr std::array<std::string_view, 3> inboxes_names{"members", "occupants", "none"};

inline constexpr std::string_view max_users_field = "muc#roomconfig_maxusers";
inline constexpr std::string_view allow_pm_field = "muc#roomconfig_allowpm";
inline constexpr std::string_view whois_field = "muc#roomconfig_whois";
inline constexpr std::string_view protected_field = "muc#roomconfig_passwordprotectedroom";
inline constexpr std::string_view secret_field = "muc#roomconfig_roomsecret";
inline constexpr std::string_view owners_field = "muc#roomconfig_roomowners";
inline constexpr std::string_view admins_field = "muc#roomconfig_roomadmins";
inline constexpr std::string_view inboxes_field = "{urn:sarang:muc:0}inboxes";
inline constexpr std::string_view contacts_field = "{urn:sarang:muc:0}contacts";

} // namespace sarang::muc
