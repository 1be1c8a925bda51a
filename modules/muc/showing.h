// SPDX-License-Identifier: Apache-2.0
// Showing: what occupants are told of one of them: presence from the occupant's address with his
// affiliation, role and, where they may know it, real address (XEP-0045 §7.2.2 to §7.2.4).
#pragma once

#include "xml/element.h"
#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/room.h"

namespace sarang::muc {

/// What a presence says beside whose it is.
struct Showing {
    std::vector<unsigned> codes = {};      ///< to all (§14)
    std::vector<unsigned> self_codes = {}; ///< to the occupant alone, beside 110
    std::string nick = {};                 ///< that he takes, with 303
    std::string actor = {};                ///< the nickname of who did it
    std::string reason = {};
    bool changed = false;                 ///< it tells the last change of affiliations
    std::optional<VersionStep> step = {}; ///< of these (XEP-0463), as a viewer may know it
    std::optional<Element> destroy = {};  ///< in the place of all others' presence
    std::string id = {};                  ///< of the presence that the occupant sent

    /// Others are told nothing by <x/> but who somebody is.
    bool plain() const;
};

/// An item of <x xmlns='…muc#user'/> or <query xmlns='…muc#admin'/>; `jid` may be empty.
Element&
add_item(Element& parent, Rank rank, std::string_view jid = {}, std::string_view nick = {});

/// <x/> that says who somebody is and nothing else, written at once: of most presence, of which
/// who enters a large room is told much.
std::string plain_user_xml(Rank rank, std::string_view jid);

/// <occupant-id/> (XEP-0421).
std::string occupant_id_xml(const Occupant& occupant);

/// <x/> with status codes.
Element user_element(Rank rank, const Showing& showing, bool self, std::string_view jid = {});

/// An occupant's presence, available or `type`, as `viewer` is shown it. `session` is whose it is.
Stanza presence_for(
    const Room& room,
    const Occupant& occupant,
    const Session& session,
    Type type,
    const Showing& showing,
    bool self,
    bool with_address);

/// Shows an occupant to all, himself last. Those whose role is not broadcast are shown to
/// themselves alone (muc#roomconfig_presencebroadcast).
void show_to_all(Room& room, const Occupant& occupant, const Showing& showing = {});

/// The same to his own sessions alone.
void show_to_self(Room& room, const Occupant& occupant, const Showing& showing = {});

/// Shows an occupant who was shown to others or was not: who is not any more is gone for them.
void show_change(Room& room, const Occupant& occupant, bool was_shown, const Showing& showing);

/// Shows all who are there to a session that enters.
void show_all_to(Room& room, const Occupant& viewer, const Jid& session);

/// Shows that an occupant takes another nickname, to all and to himself: his old one is gone.
void show_renaming(Room& room, const Occupant& occupant, std::string nick);

/// Shows that these sessions of an occupant go, and with the last of them he, which is what is told
/// the others; by his last presence, or by `farewell`. He is still in the room.
void show_leaving(
    Room& room,
    const Occupant& occupant,
    const std::vector<Jid>& sessions,
    const Showing& showing,
    const Presence* farewell = nullptr);

} // namespace sarang::muc
