// SPDX-License-Identifier: Apache-2.0
// InboxRow: what is kept of an owner's conversation with one party, and how the entries that come
// change it. What a marker refers to is known by a hash of its message_id: so a conversation is
// kept without looking at anything else. Its bytes: a version, the party's name, ids, and the
// messages that are unread or unseen, of each how far its id is from the one before; with a room,
// how that names the last message, and the one that was read.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_record.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// A message that has not been read, by the owner or by the party.
struct InboxMessage {
    ArchiveId id = ArchiveId::none;
    std::uint32_t mark = 0; ///< a hash of its message_id
    bool mention = false;

    bool operator==(const InboxMessage&) const = default;
};

/// Messages in order, the last of very many: those that come first go at no cost.
class InboxMessages {
public:
    const InboxMessage* begin() const { return list_.data() + gone_; }

    const InboxMessage* end() const { return list_.data() + list_.size(); }

    std::size_t size() const { return list_.size() - gone_; }

    bool empty() const { return size() == 0; }

    const InboxMessage& front() const { return *begin(); }

    const InboxMessage& back() const { return list_.back(); }

    void reserve(std::size_t size) { list_.reserve(size); }

    void add(const InboxMessage& message) { list_.push_back(message); }

    void drop_first() { drop(1); }

    /// All up to this entry.
    void drop_through(ArchiveId id);
    /// This one.
    void forget(ArchiveId id);

    /// The one of a place is a mention.
    void note_mention(std::size_t place) { list_[gone_ + place].mention = true; }

    bool operator==(const InboxMessages& other) const
    {
        return std::equal(begin(), end(), other.begin(), other.end());
    }

private:
    void drop(std::size_t count);

    std::vector<InboxMessage> list_;
    std::size_t gone_ = 0; ///< so many of the first ones
};

class SARANG_API InboxRow {
public:
    explicit InboxRow(std::string_view with)
        : with_{with}
    {}

    static std::optional<InboxRow> decode(std::string_view bytes);
    std::string encode() const;

    /// An entry that follows all others. Requires one of this party.
    void add(const BlockEntry& entry);
    /// The owner has read up to here.
    void read_through(ArchiveId id);
    /// This entry is no message any more that could be read.
    void forget(ArchiveId id);
    /// Entries up to here are gone.
    void remove_through(ArchiveId id);
    /// Those of a conversation with an account that it tells of: the last message, and all that
    /// are unread or unseen.
    std::vector<ArchiveId> told() const;
    /// Some of those are gone, and the last message is this one (none: there is none).
    void lose(const std::vector<ArchiveId>& lost, ArchiveId message);

    /// It is with a room, whose archive has the last message.
    bool of_room() const { return !room_message_.empty(); }

    /// No message is left: it is no conversation.
    bool empty() const { return message_ == ArchiveId::none; }

    const std::string& with() const { return with_; }

    ArchiveId message() const { return message_; }

    ArchiveId read() const { return read_; }

    std::size_t unread() const { return unread_.size(); }

    std::size_t mentions() const;

    /// As those who asked are told of it.
    Conversation conversation() const;

    bool operator==(const InboxRow&) const = default;

private:
    bool sound() const;
    void add_unread(const InboxMessage& message);
    void add_unseen(const InboxMessage& message);
    void displayed(std::string_view message_id);
    void seen(std::string_view message_id);
    void add_note(const BlockEntry& note);

    std::string with_;
    std::string room_message_;
    std::string room_read_;
    ArchiveId message_ = ArchiveId::none;
    ArchiveId last_ = ArchiveId::none;
    ArchiveId read_ = ArchiveId::none;
    ArchiveId seen_ = ArchiveId::none;
    ArchiveId beyond_ = ArchiveId::none; ///< the last unread one that there was no room for
    InboxMessages unread_;
    InboxMessages unseen_;
};

} // namespace sarang::lmdb
