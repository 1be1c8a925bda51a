// SPDX-License-Identifier: Apache-2.0
// How the configuration of a room is kept.

#include "base/bytes.h"
#include "xml/jid_list.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "modules/muc/config.h"

namespace sarang {
namespace {

using muc::Role;
using muc::RoomConfig;

constexpr std::uint8_t codec_version = 1;

/// The bit of each is its place: append only.
constexpr std::array flags{
    &RoomConfig::persistent,
    &RoomConfig::listed,
    &RoomConfig::members_only,
    &RoomConfig::moderated,
    &RoomConfig::non_anonymous,
    &RoomConfig::change_subject,
    &RoomConfig::allow_invites,
    &RoomConfig::voice_requests,
    &RoomConfig::archived,
    &RoomConfig::forward_mentions,
};

std::uint64_t bits(const RoomConfig& config)
{
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        bits |= std::uint64_t{config.*flags[i]} << i;
    }
    return bits;
}

void put(BytesWriter& out, const std::vector<Role>& roles)
{
    out.varint(roles.size());
    for (const Role role : roles) {
        out.u8(static_cast<std::uint8_t>(role));
    }
}

/// False for one that is no occupant's, or is there twice.
bool get(BytesReader& in, std::vector<Role>& roles)
{
    roles.clear();
    for (std::size_t left = in.count(); left > 0; --left) {
        const Role role{in.u8()};
        if (role == Role::none || role > Role::moderator || std::ranges::count(roles, role) > 0) {
            return false;
        }
        roles.push_back(role);
    }
    return in.ok();
}

bool get(BytesReader& in, std::uint32_t& number)
{
    const std::uint64_t value = in.varint();
    number = static_cast<std::uint32_t>(value);
    return in.ok() && value <= std::numeric_limits<std::uint32_t>::max();
}

bool get(BytesReader& in, RoomConfig::AllowPm& allow)
{
    allow = RoomConfig::AllowPm{in.u8()};
    return in.ok() && allow <= RoomConfig::AllowPm::none;
}

// Of a room that comes from before there was any, it is the usual one.
bool get(BytesReader& in, RoomConfig::Inboxes& inboxes)
{
    if (in.rest().empty()) {
        return true;
    }
    inboxes = RoomConfig::Inboxes{in.u8()};
    return in.ok() && inboxes <= RoomConfig::Inboxes::none;
}

void get_texts(BytesReader& in, RoomConfig& config)
{
    config.name = in.string();
    config.description = in.string();
    config.language = in.string();
    config.password = in.string();
}

void get_flags(BytesReader& in, RoomConfig& config)
{
    const std::uint64_t bits = in.varint();
    for (std::size_t i = 0; i < flags.size(); ++i) {
        config.*flags[i] = ((bits >> i) & 1U) != 0;
    }
}

} // namespace

std::string Codec<RoomConfig>::encode(const RoomConfig& config)
{
    BytesWriter out;
    out.u8(codec_version);
    out.string(config.name).string(config.description);
    out.string(config.language).string(config.password);
    out.varint(bits(config));
    out.varint(config.max_users).varint(config.history).varint(config.slow_mode);
    out.u8(static_cast<std::uint8_t>(config.allow_pm));
    put(out, config.broadcast);
    put(out, config.member_list);
    write_jids(out, config.contacts);
    out.string(config.pubsub);
    out.u8(static_cast<std::uint8_t>(config.inboxes));
    return out.take();
}

std::optional<RoomConfig> Codec<RoomConfig>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    if (in.u8() != codec_version) {
        return std::nullopt;
    }
    RoomConfig config;
    get_texts(in, config);
    get_flags(in, config);
    const bool read = get(in, config.max_users) && get(in, config.history) &&
                      get(in, config.slow_mode) && get(in, config.allow_pm) &&
                      get(in, config.broadcast) && get(in, config.member_list) &&
                      read_jids(in, config.contacts);
    config.pubsub = in.string();
    const bool whole = read && in.ok() && get(in, config.inboxes);
    return whole ? std::optional{std::move(config)} : std::nullopt;
}

} // namespace sarang
