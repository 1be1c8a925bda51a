// SPDX-License-Identifier: Apache-2.0
// RoomDefaults: the configuration of rooms that are made, as [muc.room] has it.
#pragma once

#include "core/option.h"

#include <cstdint>
#include <string>
#include <vector>

#include "modules/muc/config.h"

namespace sarang::muc {

class RoomDefaults {
public:
    /// Of the table muc.room.
    explicit RoomDefaults(Options& options);

    /// Within the bounds of what an owner may set.
    RoomConfig config() const;

private:
    /// Who is shown, or may see: all who are at least that.
    enum class Roles : std::uint8_t { all, participants, moderators, nobody };

    static Option<Roles> roles(Options& options, const char* key, const char* description);
    static std::vector<Role> named(Roles roles);
    void add_texts(RoomConfig& config) const;

    Option<std::string> description_;
    Option<std::string> language_;
    Option<std::vector<std::string>> contacts_;
    Option<bool> persistent_;
    Option<bool> listed_;
    Option<bool> members_only_;
    Option<bool> moderated_;
    Option<bool> anonymous_;
    Option<bool> change_subject_;
    Option<bool> allow_invites_;
    Option<bool> voice_requests_;
    Option<bool> archived_;
    Option<bool> forward_mentions_;
    Option<std::int64_t> max_users_;
    Option<std::int64_t> history_;
    Option<Milliseconds> slow_mode_;
    Option<RoomConfig::AllowPm> allow_pm_;
    Option<RoomConfig::Inboxes> inboxes_;
    Option<Roles> broadcast_;
    Option<Roles> member_list_;
};

} // namespace sarang::muc
