// SPDX-License-Identifier: Apache-2.0
// How a room is configured (XEP-0045 §10.2), what that allows to whom, and how it is kept. Its form
// is in config_form.h.
#pragma once

#include "core/keyed.h"
#include "xml/jid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/rank.h"

namespace sarang::muc {

struct RoomConfig {
    enum class AllowPm : std::uint8_t { anyone, participants, moderators, none };

    /// Whose inboxes are told of messages: of members, who are so in a room for members only
    /// whether they are there or not; of others who are there as well; of nobody.
    enum class Inboxes : std::uint8_t { members, occupants, none };

    std::string name;
    std::string description;
    std::string language;
    std::string password; ///< empty: the room is not protected by one
    bool persistent = false;
    bool listed = true;
    bool members_only = false;
    bool moderated = false;
    bool non_anonymous = false;  ///< all occupants see real addresses, not only moderators
    bool change_subject = false; ///< by participants
    bool allow_invites = false;  ///< members may bring in members
    bool voice_requests = true;
    bool archived = true;
    bool forward_mentions = false; ///< XEP-0452
    std::uint32_t max_users = 0;   ///< occupants; 0: as many as the service takes
    std::uint32_t history = 20;    ///< messages shown to those who enter, at the most
    std::uint32_t slow_mode = 0;   ///< seconds between the messages of one occupant (XEP-0500)
    AllowPm allow_pm = AllowPm::anyone;
    Inboxes inboxes = Inboxes::members;
    std::vector<Role> broadcast{Role::moderator, Role::participant, Role::visitor};
    std::vector<Role> member_list{Role::moderator, Role::participant, Role::visitor};
    std::vector<Jid> contacts;
    std::string pubsub; ///< a URI

    bool operator==(const RoomConfig&) const = default;
};

/// What a room is called in lists.
std::string title_of(const Jid& room, const RoomConfig& config);

// What the configuration makes of the privileges of §5 that it may change.

bool may_change_subject(const RoomConfig& config, Role role);
bool may_send_private(const RoomConfig& config, Role role);
/// Whether the presence of those in this role is shown to others.
bool broadcasts(const RoomConfig& config, Role role);
/// §7.8.2, §9.5: into a members-only room, an invitation makes a member.
bool may_invite(const RoomConfig& config, Rank actor);

/// Whether `actor` may see a list of affiliations, bad-request for that of none. forbidden: bans
/// are the admins' business (§9.2). The list of members tells real addresses, so that it takes one
/// of the roles in `member_list`, and in a semi-anonymous room a moderator's at that (§5.2.1,
/// §9.5); a member outside counts as a participant. In a non-anonymous room those who may see it
/// see the admins and owners too, elsewhere owners alone do (§10.5, §10.8).
Result<void> may_read_affiliations(const RoomConfig& config, Rank actor, Affiliation list);

/// What occupants are told of a change: 170 to 173 for those of privacy, 104 for any other
/// (§10.2.1).
std::vector<unsigned> status_codes(const RoomConfig& before, const RoomConfig& after);

/// "muc_public" and so on (§16.3): one of each pair.
std::vector<std::string_view> room_features(const RoomConfig& config);

} // namespace sarang::muc

namespace sarang {

template <>
struct Codec<muc::RoomConfig> {
    static std::string encode(const muc::RoomConfig& config);
    /// Fields that a later version has added to the end are left unread.
    static std::optional<muc::RoomConfig> decode(std::string_view bytes);
};

} // namespace sarang
