// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/forwarding.h"

#include "base/id.h"

#include <algorithm>
#include <utility>

#include "modules/muc/braking.h"
#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

constexpr std::string_view ping_ns = "urn:xmpp:ping";
constexpr std::string_view vcard_ns = "vcard-temp";
constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info";
constexpr std::string_view items_ns = "http://jabber.org/protocol/disco#items";

// Who has not answered by then will hardly do so.
constexpr std::size_t most_forwarded = 256;
constexpr std::size_t longest_id = 1023; // each is remembered until it is answered

// §6.6 for service discovery, XEP-0410 §3 for the rest.
Error not_here(const Stanza& request)
{
    const bool discovers = request.has(info_ns, "query") || request.has(items_ns, "query");
    const Condition condition = discovers ? Condition::bad_request : Condition::not_acceptable;
    return Error{condition, "You are not in the room", {}, {}};
}

} // namespace

Result<void> forward_request(Room& room, const Stanza& request)
{
    const Occupant* const asker = room.occupants.by_session(request.from);
    if (asker == nullptr) {
        return fail(not_here(request));
    }
    const Occupant* const asked = room.occupants.by_nick(request.to.resource());
    if (asked == nullptr) {
        return fail(Condition::item_not_found, "Nobody of that name is in the room");
    }
    if (asked == asker && request.has(ping_ns, "ping")) {
        room.router().route(request.reply(Type::result));
        return {};
    }
    if (request.id.size() > longest_id) {
        return fail(Condition::policy_violation, "The id of this request is too long");
    }
    if (Result<void> slow = asks_not_too_fast(room, request.from); !slow) {
        return slow;
    }
    Stanza forwarded = request;
    forwarded.id = random_id();
    forwarded.from = asker->address;
    forwarded.to = request.has(vcard_ns, "vCard") ? asked->account : asked->shown().jid;
    room.forwarded.push_back({forwarded.id, request.from, request.id, asked->address});
    if (room.forwarded.size() > most_forwarded) {
        room.forwarded.pop_front();
    }
    room.router().route(std::move(forwarded));
    return {};
}

void forward_answer(Room& room, const Stanza& answer)
{
    const auto asked = std::ranges::find(room.forwarded, answer.id, &Forwarded::token);
    const Occupant* const answerer =
        asked != room.forwarded.end() ? room.occupants.by_nick(asked->asked.resource()) : nullptr;
    if (answerer == nullptr || !answer.from.same_bare(answerer->account)) {
        return;
    }
    Stanza forwarded = answer;
    forwarded.id = asked->id;
    forwarded.from = asked->asked;
    forwarded.to = asked->asker;
    room.forwarded.erase(asked);
    room.router().route(std::move(forwarded));
}

} // namespace sarang::muc
