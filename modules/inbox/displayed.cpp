// SPDX-License-Identifier: Apache-2.0
#include "modules/inbox/displayed.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace sarang {
namespace {

using namespace std::string_view_literals;

constexpr auto mds_ns = "urn:xmpp:mds:displayed:0"sv;
constexpr auto sid_ns = "urn:xmpp:sid:0"sv;
constexpr std::size_t can_be_hidden = 64;

void strip(Stanza& message)
{
    std::vector<Element> left;
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        const bool hidden = i < can_be_hidden && (message.hidden >> i & 1) != 0;
        if (!hidden && (child.ns != mds_ns || child.name != "displayed")) {
            left.push_back(message.payload->element(i));
        }
    }
    message.payload = Payload::make(left);
    message.hidden = 0;
}

} // namespace

std::optional<std::string> take_displayed(Stanza& message, const Jid& account)
{
    if (!message.payload || !message.payload->has(mds_ns, "displayed")) {
        return std::nullopt;
    }
    const std::optional<Element> displayed = message.element(mds_ns, "displayed");
    strip(message);
    const Element* const named = displayed ? displayed->child(sid_ns, "stanza-id") : nullptr;
    const Result<Jid> by = Jid::parse(named != nullptr ? named->attribute("by") : ""sv);
    const bool of_room = by && message.type == Type::groupchat && *by == message.to;
    if (!by || (*by != account && !of_room)) {
        return std::nullopt;
    }
    return std::string{named->attribute("id")};
}

} // namespace sarang
