// SPDX-License-Identifier: Apache-2.0
#include "core/worth_keeping.h"

namespace sarang {
namespace {

constexpr std::string_view hints_ns = "urn:xmpp:hints";

// What tells how a message is to be treated, and not what it says: chat states, which may bear a
// thread (XEP-0085 §5.6), hints, and ids (XEP-0359).
bool says_nothing(const Payload::Child& child)
{
    return child.ns == "http://jabber.org/protocol/chatstates" || child.ns == hints_ns ||
           child.ns == "urn:xmpp:sid:0" || (child.ns.empty() && child.name == "thread");
}

} // namespace

// XEP-0160 §3: whatever does not hold chat states alone, be it a reaction, a call or what is
// encrypted, with or without a body.
bool worth_keeping(const Stanza& message)
{
    const std::size_t size = message.payload ? message.payload->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (!says_nothing(message.payload->child(i))) {
            return true;
        }
    }
    return message.has(hints_ns, "store");
}

} // namespace sarang
