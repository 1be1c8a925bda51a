// SPDX-License-Identifier: Apache-2.0
// Searches among rooms (XEP-0433): what is asked for, in a form, which rooms that are, and what is
// told of them.
#pragma once

#include "core/service/rooms.h"
#include "xml/element.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "modules/muc/config.h"

namespace sarang::muc {

inline constexpr std::string_view search_ns = "urn:xmpp:channel-search:0:search";
inline constexpr std::string_view search_order_ns = "urn:xmpp:channel-search:0:order";

struct RoomSearch {
    enum class Order : std::uint8_t { users, address };

    static constexpr std::size_t longest_text = 1023;
    static constexpr std::size_t most_terms = 16;

    std::vector<std::string> terms; ///< all of them, folded; none: any room
    bool in_name = true;
    bool in_description = true;
    bool in_address = true;
    bool in_language = true; ///< a term that is the room's language
    bool rooms = true;       ///< false: channels of other kinds are asked for
    std::size_t min_users = 0;
    Order order = Order::users;

    bool matches(const PublicRoom& room) const;

    bool operator==(const RoomSearch&) const = default;
};

/// To be filled in.
Element search_form(bool with_all);

/// What a form asks for, or the <error/>. `with_all`: all rooms may be asked for.
std::variant<RoomSearch, Element> read_search(const Element& form, bool with_all);

/// The <error/> for who asks too often.
Element search_too_soon(std::uint64_t seconds);

/// For the result.
Element search_item(const PublicRoom& room);

/// What all may know of a room with that configuration.
PublicRoom
public_room(std::string room, std::string name, const RoomConfig& config, std::size_t occupants);

} // namespace sarang::muc
