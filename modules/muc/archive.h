// SPDX-License-Identifier: Apache-2.0
// The archive of a room (XEP-0313 §6.1.2): what is kept of a message, and who may see what of it.
#pragma once

#include "base/result.h"
#include "core/service/archive.h"
#include "xml/element.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

inline constexpr std::string_view mam_ns = "urn:xmpp:mam:2";

/// What the archive knows of an author beside what all are told: <x/> with his rank and the
/// address of the session that spoke.
std::string author_of(const Room& room, const Occupant& speaker, const Jid& session);

/// Takes it away again.
void strip_author(Stanza& kept);

/// What is kept as it was sent to all.
Stanza shown_again(const ArchivedMessage& kept);

/// Whether it is shown to those who enter: what was said, and is not retracted.
bool belongs_to_history(const Stanza& message);

/// Whether somebody may read the archive now: those who might enter, but for those who have not
/// shown the password that it takes and are no members. forbidden, or item-not-found where the
/// room is not open yet.
Result<void> may_read_archive(const Room& room, const Jid& who);

/// Whether he is told who the authors are: he sees addresses in the room, or would with the role
/// in which he would enter.
bool may_know_authors(const Room& room, const Jid& who);

} // namespace sarang::muc
