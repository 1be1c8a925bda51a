// SPDX-License-Identifier: Apache-2.0
// What occupants say to all (XEP-0045 §7.4, §8.1) and to one another (§7.5).
#pragma once

#include "base/result.h"
#include "store/archive_store.h"
#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

/// A message to all, from its coming to its sending.
struct Speech {
    bool dropped = false; ///< by who watches over words: it is said to nobody
    Stanza said;          ///< as all get it
    Stanza came;          ///< as it came, for an error
    AppendTicket ticket = AppendTicket::none;
    std::string name;        ///< in the room's archive; empty where that has it not
    bool to_be_read = false; ///< it is there, and is something to read
    Jid author;              ///< the account; empty: the room
    Mentions mentioned;
};

/// Whether it may be said at all, and kept where it is to be kept first.
Result<Speech> prepare(Room& room, Stanza&& message);

/// The same of what was screened before: `changed` is what it is to be instead, if that is another.
Result<Speech> prepare_screened(Room& room, Stanza&& message, const std::optional<Stanza>& changed);

/// Likewise of what the room itself says, of which no error is told; `author`: what its archive is
/// to know of who had it said (archive.h).
Result<Speech> prepare_own(Room& room, Stanza said, const std::string& author = {});

/// Whether who sent a message to all may say it.
Result<void> may_say(const Room& room, const Stanza& message);
/// What the room itself says.
Result<Speech> prepare_announcement(Room& room, std::string_view text);

/// Sends it to all, once it is durable.
void say(Room& room, const Speech& speech);

/// A message to an occupant's address.
Result<void> whisper(Room& room, const Stanza& message);

} // namespace sarang::muc
