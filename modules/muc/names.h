// SPDX-License-Identifier: Apache-2.0
// The namespaces of rooms.
#pragma once

#include <string_view>

namespace sarang::muc {

inline constexpr std::string_view user_ns = "http://jabber.org/protocol/muc#user";
inline constexpr std::string_view admin_ns = "http://jabber.org/protocol/muc#admin";
inline constexpr std::string_view owner_ns = "http://jabber.org/protocol/muc#owner";
inline constexpr std::string_view stable_id_ns = "http://jabber.org/protocol/muc#stable_id";
inline constexpr std::string_view register_ns = "jabber:iq:register";
inline constexpr std::string_view register_type = "http://jabber.org/protocol/muc#register";
inline constexpr std::string_view occupant_id_ns = "urn:xmpp:occupant-id:0";
inline constexpr std::string_view stanza_id_ns = "urn:xmpp:sid:0";
inline constexpr std::string_view retract_ns = "urn:xmpp:message-retract:1";
inline constexpr std::string_view moderate_ns = "urn:xmpp:message-moderate:1";
inline constexpr std::string_view hats_ns = "urn:xmpp:hats:0";
inline constexpr std::string_view versions_ns = "urn:xmpp:muc:affiliations:1";
inline constexpr std::string_view fasten_ns = "urn:xmpp:fasten:0";

} // namespace sarang::muc
