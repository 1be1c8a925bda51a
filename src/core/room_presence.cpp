// SPDX-License-Identifier: Apache-2.0
#include "core/room_presence.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace sarang {
namespace {

constexpr std::string_view muc_user_ns = "http://jabber.org/protocol/muc#user";

} // namespace

bool is_own_room_presence(const Stanza& presence)
{
    const std::optional<Element> x = presence.element(muc_user_ns, "x");
    if (!x) {
        return false;
    }
    const auto children = x->children();
    return std::ranges::any_of(children, [](const Element* child) {
        return child->is(muc_user_ns, "status") && child->attribute("code") == "110";
    });
}

} // namespace sarang
