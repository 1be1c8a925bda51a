// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/urgency.h"

#include "core/room_presence.h"
#include "xml/ns.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sarang {
namespace {

constexpr std::string_view muc_user_ns = "http://jabber.org/protocol/muc#user";
constexpr std::string_view chat_states_ns = "http://jabber.org/protocol/chatstates";
constexpr std::string_view event_ns = "http://jabber.org/protocol/pubsub#event";
constexpr std::string_view carbons_ns = "urn:xmpp:carbons:2";
constexpr std::string_view forward_ns = "urn:xmpp:forward:0";

// What comes with a chat state and says nothing itself: hints, ids, a room's mark.
bool is_company(std::string_view ns, std::string_view name)
{
    return ns == "urn:xmpp:hints" || ns == "urn:xmpp:sid:0" || ns == "urn:xmpp:occupant-id:0" ||
           (ns == muc_user_ns && name == "x") ||
           ((ns.empty() || ns == ns::client) && name == "thread");
}

Urgency urgency_of_presence(const Stanza& presence)
{
    const bool tells_state = presence.type == Type::available || presence.type == Type::unavailable;
    return tells_state && !is_own_room_presence(presence) ? Urgency::newest : Urgency::now;
}

bool is_chat_state(const Stanza& message)
{
    bool state = false;
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        if (child.ns == chat_states_ns) {
            state = true;
        } else if (!is_company(child.ns, child.name)) {
            return false;
        }
    }
    return state;
}

bool is_chat_state(const Element& message)
{
    bool state = false;
    for (const Element* child : message.children()) {
        if (child->ns() == chat_states_ns) {
            state = true;
        } else if (!is_company(child->ns(), child->name())) {
            return false;
        }
    }
    return state;
}

// A copy (XEP-0280) of nothing but a chat state.
bool is_copied_chat_state(const Stanza& message)
{
    if (message.payload->size() != 1 || message.payload->child(0).ns != carbons_ns) {
        return false;
    }
    const Element copy = message.payload->element(0);
    const Element* const forwarded = copy.child(forward_ns, "forwarded");
    const Element* const original =
        forwarded != nullptr ? forwarded->child(ns::client, "message") : nullptr;
    return original != nullptr && is_chat_state(*original);
}

// What another of one's own devices has read (XEP-0490) takes notifications away.
bool is_quiet_event(const Stanza& message)
{
    if (message.type != Type::headline || message.has(ns::client, "body")) {
        return false;
    }
    const std::optional<Element> event = message.element(event_ns, "event");
    const Element* const items = event ? event->child(event_ns, "items") : nullptr;
    return event && (items == nullptr || items->attribute("node") != "urn:xmpp:mds:displayed:0");
}

Urgency urgency_of_message(const Stanza& message)
{
    if (message.type == Type::error || !message.payload) {
        return Urgency::now;
    }
    if (is_chat_state(message)) {
        return Urgency::newest;
    }
    return is_copied_chat_state(message) || is_quiet_event(message) ? Urgency::later : Urgency::now;
}

} // namespace

Urgency urgency_of(const Stanza& stanza)
{
    switch (stanza.kind) {
    case Kind::presence:
        return urgency_of_presence(stanza);
    case Kind::message:
        return urgency_of_message(stanza);
    default:
        return Urgency::now;
    }
}

} // namespace sarang
