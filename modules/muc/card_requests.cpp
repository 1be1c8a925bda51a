// SPDX-License-Identifier: Apache-2.0
// A room's vCard, which has its avatar (XEP-0486): owners set it, and all who may see the room get
// it.
#include <utility>

#include "modules/muc/cards.h"
#include "modules/muc/muc.h"
#include "modules/muc/owning.h"
#include "modules/muc/requests.h"
#include "modules/muc/vcard.h"

namespace sarang::muc {
namespace {

constexpr unsigned changed_code = 104;

// What it tells is kept with the room; before that, what it is.
Task<Result<void>> adopt(Room& room, RoomCard card, std::string xml)
{
    if (card.there) {
        co_await ok(room.muc.cards().prepare(room, std::move(xml)));
    }
    std::swap(room.card, card);
    Task<Result<void>> keeping = room.muc.keep_state(room);
    Result<void> kept = co_await keeping;
    if (!kept) {
        std::swap(room.card, card);
    }
    co_return kept;
}

} // namespace

Task<IqAnswer> show_card(Room& room, const Stanza&, const Element&)
{
    const std::optional<std::string> xml = co_await ok(room.muc.cards().load(room));
    if (!xml) {
        co_return std::optional{Element{vcard_ns, "vCard"}};
    }
    Result<Element> card = Element::read(*xml);
    if (!card) {
        co_return fail(Condition::internal_server_error, {}, "a room's vCard is damaged");
    }
    co_return std::optional{std::move(*card)};
}

Task<IqAnswer> change_card(Room& room, const Stanza& request, const Element& vcard)
{
    if (room.affiliation_of(request.from) != Affiliation::owner) {
        co_return fail(Condition::forbidden, "Only owners are allowed to set avatars");
    }
    std::string xml = vcard.str();
    if (xml.size() > room.muc.largest_avatar()) {
        co_return fail(Condition::policy_violation, "This avatar is too large");
    }
    RoomCard card;
    card.there = vcard.child() != nullptr;
    card.place = room.card.other_place();
    card.hashes = co_await ok(avatar_hashes(vcard));
    Task<Result<void>> adopting = adopt(room, std::move(card), std::move(xml));
    const Result<void> adopted = co_await adopting;
    co_await ok(adopted);
    IqAnswer done = confirm(room, request);
    tell_change(room, {changed_code});
    Task<Result<void>> tidying = room.muc.cards().tidy(room);
    static_cast<void>(co_await tidying); // the next change would overwrite it
    co_return std::move(done);
}

} // namespace sarang::muc
