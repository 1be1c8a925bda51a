// SPDX-License-Identifier: Apache-2.0
// What of a message an archive keeps, and what it says of other messages: pure functions.
#pragma once

#include "store/archive_store.h"
#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>

namespace sarang {

inline constexpr std::string_view sid_ns = "urn:xmpp:sid:0";
inline constexpr std::string_view retract_ns = "urn:xmpp:message-retract:1";

/// Whether a user's archive keeps it (XEP-0313 §6.1.1, XEP-0334 §4). Not whether the user wants it.
bool worth_archiving(const Stanza& message);

/// Whether a room's archive keeps it: what there is to read whatever its sender hints at
/// (XEP-0334), since all have seen it, and it is the room's to keep and to moderate (XEP-0313
/// §5.1.2).
bool worth_archiving_in_room(const Stanza& message);

/// By which later messages refer to it: its id (XEP-0308, 0424, 0184, 0333), or where it has none
/// its origin-id, which XEP-0444 means where both are the same. Empty: none.
std::string message_id_of(const Stanza& message);

/// The message_id of the one that it corrects, retracts, marks, acknowledges or reacts to. Empty:
/// none.
std::string reference_of(const Stanza& message);

/// The message_id that it wants retracted (XEP-0424), if it does.
std::optional<std::string> retracted_by(const Stanza& message);

/// What it means to the account's conversation with the other party: of what is archived.
EntryRole role_of(const Stanza& message, const Jid& account);

/// <stanza-id/> of an owner's archive (XEP-0359).
std::string stamp_of(std::string_view owner, std::string_view id);

/// Takes away each <stanza-id/> that claims to be of this account (XEP-0359 §4).
void strip_stanza_ids(Stanza& stanza, const Jid& account);

} // namespace sarang
