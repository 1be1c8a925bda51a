// SPDX-License-Identifier: Apache-2.0
// InboxRow: what is kept of an owner's conversation with one party, and how the entries that come
// change it. What a marker refers to is known by a hash of its message_id: so a conversation is
// kept without looking at anything else. Its bytes: a version, the party's name, ids, and the
// messages that are unread or unseen, of each how far its id is from the one before.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_record.h"

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

    std::string with_;
    ArchiveId message_ = ArchiveId::none;
    ArchiveId last_ = ArchiveId::none;
    ArchiveId read_ = ArchiveId::none;
    ArchiveId seen_ = ArchiveId::none;
    ArchiveId beyond_ = ArchiveId::none; ///< the last unread one that there was no room for
    std::vector<InboxMessage> unread_;
    std::vector<InboxMessage> unseen_;
};

} // namespace sarang::lmdb
