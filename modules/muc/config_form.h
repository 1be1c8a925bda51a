// SPDX-License-Identifier: Apache-2.0
// The configuration of a room as forms: muc#roomconfig, which its owners fill in (XEP-0045 §10.2),
// and muc#roominfo, which all may see (§6.4).
#pragma once

#include "core/data_form.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/config.h"

namespace sarang::muc {

inline constexpr std::string_view room_config_form = "http://jabber.org/protocol/muc#roomconfig";
inline constexpr std::string_view room_info_type = "http://jabber.org/protocol/muc#roominfo";

/// The most that is taken; texts in bytes.
struct ConfigLimits {
    std::size_t name = 1024;
    std::size_t description = 4096;
    std::size_t language = 64;
    std::size_t password = 1024;
    std::size_t pubsub = 3072;
    std::uint32_t users = 1'000'000;
    std::uint32_t history = 1000;
    std::uint32_t slow_mode = 86'400;
    std::size_t contacts = 32;
    std::size_t staff = 1000; ///< owners, and admins
};

/// Those whom the form names in full.
struct RoomStaff {
    std::vector<Jid> owners;
    std::vector<Jid> admins;
};

/// With what is the case now, the password too: for owners alone.
DataForm config_form(
    const RoomConfig& config, const RoomStaff& staff, const ConfigLimits& limits = ConfigLimits{});

struct RoomConfigChange {
    RoomConfig config;
    std::optional<std::vector<Jid>> owners; ///< all of them from now on; nothing: as before
    std::optional<std::vector<Jid>> admins; ///< without those who are named as owners too
};

/// What a submitted form makes of the configuration `now`. Fields that are not there, and those
/// without a value but for texts and lists of several, stay as they are; what is no field of ours
/// is ignored (XEP-0004 §3.1). bad-request for what is no such form, not-acceptable with the name
/// of the field for a value that cannot be, conflict for a room without an owner.
Result<RoomConfigChange> read_config(
    const DataForm& form, const RoomConfig& now, const ConfigLimits& limits = ConfigLimits{});

/// What is told of a room beside its configuration.
struct RoomFacts {
    std::size_t occupants = 0;
    std::string subject;                ///< empty: not told (§14.4)
    std::vector<FormField> others = {}; ///< of other extensions
};

/// For its disco#info (XEP-0128).
Element room_info_form(const RoomConfig& config, const RoomFacts& facts);

} // namespace sarang::muc
