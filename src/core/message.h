// SPDX-License-Identifier: Apache-2.0
// Message: all that one shard may say to another. A closed set of values that can be written as
// bytes, so that the same words can travel between nodes; inside one process a payload crosses by
// reference.
#pragma once

#include "base/api.h"
#include "base/error.h"
#include "core/session_id.h"
#include "store/inbox.h"
#include "xml/stanza.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sarang {

/// A stanza for the account or service that its `to` names.
struct DeliverStanza {
    Stanza stanza;
    SessionId sender; ///< the session that will ask for its receipt, or none
};

/// One stanza for many accounts of one shard: the head's `to` is replaced by each of these.
struct DeliverToMany {
    Stanza stanza;
    std::vector<Jid> recipients;
};

/// What a message in a room is to one account.
struct InboxNote {
    Jid account;
    EntryRole role = EntryRole::room_received;

    bool operator==(const InboxNote&) const = default;
};

/// A room tells the inboxes of many accounts of one shard of a message.
struct NoteInInboxes {
    Jid room;
    std::string message; ///< how the room's archive names it
    std::vector<InboxNote> notes;
};

/// Answer with StanzasSettled, to the session's shard, once all that it sent to this shard so far
/// was delivered, kept or refused.
struct AwaitSettled {
    SessionId session;
    std::uint8_t question = 0; ///< given back with the answer
};

/// A question that no session asks: the session has ended (core/farewells.h).
inline constexpr std::uint8_t farewell_question = 2;

/// What a session had sent to one shard is settled.
struct StanzasSettled {
    SessionId session;
    std::uint8_t question = 0;
};

using Message =
    std::variant<DeliverStanza, DeliverToMany, AwaitSettled, StanzasSettled, NoteInInboxes>;

SARANG_API std::string encode(const Message& message);
/// Nothing for bytes that encode() did not write.
SARANG_API std::optional<Message> decode_message(std::string_view bytes);

/// A stanza as bytes and back: also how one is kept for later.
SARANG_API std::string encode(const Stanza& stanza);
SARANG_API std::optional<Stanza> decode_stanza(std::string_view bytes);

} // namespace sarang
