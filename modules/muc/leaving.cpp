// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/leaving.h"

#include <algorithm>
#include <array>
#include <utility>

#include "modules/muc/inboxes.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"

namespace sarang::muc {
namespace {

constexpr unsigned shutdown_code = 332;
constexpr unsigned technical_code = 333;

constexpr std::array gone{
    Condition::gone,
    Condition::item_not_found,
    Condition::recipient_unavailable,
    Condition::redirect,
    Condition::remote_server_not_found,
    Condition::remote_server_timeout,
};

void leave(Room& room, const Jid& session, const Showing& showing, const Presence* farewell)
{
    Occupant* const occupant = room.occupants.by_session(session);
    if (occupant == nullptr) {
        return;
    }
    show_leaving(room, *occupant, {session}, showing, farewell);
    if (occupant->sessions.size() == 1) {
        room.occupants.remove(*occupant);
        return;
    }
    const bool was_shown = occupant->shown().jid == session;
    room.occupants.remove_session(*occupant, session);
    if (was_shown) {
        show_to_all(room, *occupant);
    }
}

// Each of himself alone: nobody is left to be told of others.
void tell_each_to_go(Room& room, const Showing& showing)
{
    for (const auto& occupant : room.occupants.all()) {
        for (const Session& session : occupant->sessions) {
            Stanza presence;
            presence.kind = Kind::presence;
            presence.type = Type::unavailable;
            presence.from = occupant->address;
            presence.to = session.jid;
            presence.payload = Payload::make(user_element(Rank{}, showing, true));
            room.router().route(std::move(presence));
        }
    }
}

} // namespace

void take_unavailable(Room& room, const Stanza& presence)
{
    Showing showing;
    showing.id = presence.id;
    const Presence farewell{Rewriting{}.keep(presence, room.jid.str()).payload(), presence.lang};
    leave(room, presence.from, showing, &farewell);
}

void take_error(Room& room, const Stanza& stanza)
{
    const std::optional<Element> error = stanza.element(ns::client, "error");
    const bool ghost = error && std::ranges::any_of(gone, [&](Condition condition) {
                           return error->child(ns::stanzas, name(condition)) != nullptr;
                       });
    if (ghost) {
        Showing showing;
        showing.codes = {technical_code};
        leave(room, stanza.from, showing, nullptr);
    }
}

void eject(Room& room, Occupant& occupant, const Showing& showing)
{
    show_leaving(room, occupant, occupant.session_jids(), showing);
    room.occupants.remove(occupant);
}

void close_down(Room& room)
{
    Showing showing;
    showing.codes = {shutdown_code};
    tell_each_to_go(room, showing);
}

void dissolve(Room& room, const Element& destroy)
{
    note_end(room);
    Showing showing;
    showing.destroy = destroy;
    tell_each_to_go(room, showing);
    room.clear();
}

} // namespace sarang::muc
