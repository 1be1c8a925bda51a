// SPDX-License-Identifier: Apache-2.0
// The inbox: what an archive tells of its conversations (store/archive_store.h).
#pragma once

#include "store/archive_entry.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sarang {

/// What an entry means to the conversation with its party: what the owner's inbox is made of. A
/// marker is for the message that the entry refers to, and means nothing where that is read
/// already.
enum class EntryRole : std::uint8_t {
    none,      ///< no message: a receipt, a reaction, a correction
    sent,      ///< a message of the owner's: he has read all that came before it
    received,  ///< a message to him: unread until he has read it, or one that came later
    mention,   ///< the same, and it names him
    displayed, ///< his marker: he has read up to a message of the party's
    seen,      ///< the party's marker: it has read up to a message of his

    // Notes: they tell the inbox of a room, whose own archive has what was said. They are in no
    // page and leave nothing but what they tell. The entry's message_id, or what it refers to, is
    // how the room's archive names the message.

    room_sent,      ///< a message of the owner's
    room_received,  ///< another's
    room_mention,   ///< the same, and it names him
    room_displayed, ///< his marker
    room_retracted, ///< a message is not to be read any more
    room_left,      ///< the room is none of his any more: the conversation goes
};

constexpr bool is_note(EntryRole role)
{
    return role >= EntryRole::room_sent;
}

/// An owner's conversation with one party. There is one while one of its messages is kept.
struct Conversation {
    /// So many unread messages are counted, the newest ones.
    static constexpr std::size_t most_unread = 1000;
    /// The party's marker is understood for so many of the owner's messages, the newest ones that
    /// it has not marked.
    static constexpr std::size_t most_unseen = 64;

    std::string with;
    ArchiveId message = ArchiveId::none; ///< the last message, which orders conversations
    ArchiveId last = ArchiveId::none;    ///< the last entry, a message or not
    ArchiveId read = ArchiveId::none;    ///< how far the owner has read, as far as he told
    ArchiveId seen = ArchiveId::none;    ///< how far the party has
    std::size_t unread = 0;
    std::size_t mentions = 0;               ///< among those
    bool more = false;                      ///< there are older ones that are unread
    std::string room_message = {};          ///< with a room: how it names the last message
    std::string room_read = {};             ///< and the last one that was read; empty: not known
    std::optional<ArchiveEntry> entry = {}; ///< the last message, if it was asked for

    bool operator==(const Conversation&) const = default;
};

/// Of all of an owner's conversations.
struct InboxTotals {
    std::uint64_t conversations = 0;
    std::uint64_t unread_conversations = 0;
    std::uint64_t unread = 0;
    std::uint64_t mentions = 0;

    bool operator==(const InboxTotals&) const = default;
};

/// A part of an owner's conversations, those with the newest messages first. Bounds are exclusive,
/// and mean the last message of a conversation.
struct InboxQuery {
    std::string owner;
    bool unread_only = false;
    bool entries = true;               ///< the last messages come with them
    ArchiveId below = ArchiveId::none; ///< none: no bound
    ArchiveId above = ArchiveId::none;
    bool backwards = false; ///< the last ones of that part, not the first ones
    std::size_t limit = 50;
};

struct InboxPage {
    std::vector<Conversation> conversations; ///< always in order; fewer than the limit when large
    bool complete = true;                    ///< nothing of that part is left beyond them
    InboxTotals totals;                      ///< at the same moment
};

} // namespace sarang
