// SPDX-License-Identifier: Apache-2.0
// How clients keep up with the affiliations of a room (XEP-0463): what they are told when they
// enter, and of each change.
#pragma once

#include "xml/element.h"
#include "xml/stanza.h"

#include <string>

#include "modules/muc/room.h"

namespace sarang::muc {

/// Which lists an occupant may see.
Lists lists_of(const Room& room, const Occupant& viewer);

/// Adds <mav/> to an <x/>.
void add_version(Element& x, const VersionStep& step);

/// Where an occupant is; with the last change, where he may see that and it is to be told.
VersionStep version_of(const Room& room, const Occupant& viewer, bool changed);

/// Tells a session that has entered what has changed since the version that it knows, or all where
/// it knows none; forbidden to those who see no list, or saw none then.
void tell_changes(
    Room& room, const Occupant& viewer, const Stanza& presence, std::string_view since);

/// Sets an account's entry. Whether it has another affiliation now, which is a new version.
bool change_entry(Room& room, const Jid& account, AffiliationItem item);

/// Tells the last change to all who may see it but for the account's own sessions: a change that
/// no presence shows.
void tell_last_change(Room& room);

} // namespace sarang::muc
