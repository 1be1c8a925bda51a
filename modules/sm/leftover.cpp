// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §4: what becomes of what a client never acknowledged.
#include "core/worth_keeping.h"

#include "modules/sm/sm.h"

namespace sarang {
namespace {

constexpr auto carbons_ns = "urn:xmpp:carbons:2"sv;
constexpr auto mam_ns = "urn:xmpp:mam:2"sv;

// Copies of what is kept elsewhere (XEP-0280, XEP-0313).
bool is_copy(const Stanza& message)
{
    for (std::size_t i = 0; message.payload && i < message.payload->size(); ++i) {
        const std::string_view ns = message.payload->child(i).ns;
        if (ns == carbons_ns || ns == mam_ns) {
            return true;
        }
    }
    return false;
}

} // namespace

// As to a session that is not there: a room learns that its occupant is gone.
Verdict StreamManagement::give_back(const Passage& passage)
{
    const Stanza& stanza = passage.stanza;
    switch (stanza.type) {
    case Type::groupchat:
        return Verdict::bounce(Condition::recipient_unavailable);
    case Type::get:
    case Type::set:
        return Verdict::bounce(Condition::service_unavailable);
    case Type::normal:
    case Type::chat:
        return worth_keeping(stanza) && !is_copy(stanza) ? Verdict::pass() : Verdict::done();
    default:
        return Verdict::done();
    }
}

} // namespace sarang
