// SPDX-License-Identifier: Apache-2.0
// The inbox of an archive: its conversations, in the order of their last messages, and how many
// are unread. Changed in the transactions that change the archive's blocks; what has come since is
// added to it when it is read.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_inbox_row.h"
#include "store/lmdb/transaction.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

SARANG_API std::string encode(const InboxTotals& totals);
SARANG_API std::optional<InboxTotals> decode_inbox_totals(std::string_view bytes);

SARANG_API InboxTotals inbox_totals(ReadTransaction& transaction, std::uint64_t owner);

/// The totals with a conversation as it is now instead of as it was; none: there is none.
void replace_in_totals(InboxTotals& totals, const InboxRow* before, const InboxRow* now);

/// The conversation with a party, as far as it is folded.
SARANG_API std::optional<InboxRow>
find_inbox_row(ReadTransaction& transaction, std::uint64_t owner, std::string_view with);

/// Adds entries that follow all that an archive has.
SARANG_API void add_to_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries);

/// Takes out entries that are removed: the first ones of an archive.
SARANG_API void drop_from_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries);

/// Takes out all entries below an id where it is not known what they are; where an archive has
/// no block any more, all there is of its inbox.
SARANG_API void sweep_inbox(WriteTransaction& transaction, std::uint64_t owner, ArchiveId below);

/// An entry's text is gone: nobody has to read it any more.
void forget_in_inbox(WriteTransaction& transaction, std::uint64_t owner, const BlockEntry& entry);

/// Entries of a conversation with an account are lost; its last message is this one (none: there
/// is none).
void lose_in_inbox(
    WriteTransaction& transaction,
    std::uint64_t owner,
    std::string_view with,
    const std::vector<ArchiveId>& lost,
    ArchiveId message);

/// Whether all conversations can be read, and lists and totals are as they have it.
bool inbox_fits(ReadTransaction& transaction, std::uint64_t owner);

/// Makes lists and totals anew out of the conversations.
void relist_inbox(WriteTransaction& transaction, std::uint64_t owner);

/// The owner has read a conversation up to an entry. Whether there is one.
bool read_in_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::string_view with, ArchiveId through);

/// Walks an owner's conversations by their last messages.
class SARANG_API InboxWalk {
public:
    InboxWalk(ReadTransaction& transaction, std::uint64_t owner, bool unread_only);

    /// To the last one whose message is below an id (none: of all); false when there is none.
    bool seek_below(ArchiveId id);
    /// To the first one whose message is above an id; false when there is none.
    bool seek_above(ArchiveId id);

    bool next() { return cursor_.next(); }

    bool previous() { return cursor_.previous(); }

    /// Of the one it stands on.
    ArchiveId message() const;
    std::optional<InboxRow> row();

private:
    ReadTransaction& transaction_;
    std::uint64_t owner_;
    Key prefix_;
    Cursor cursor_;
};

} // namespace sarang::lmdb
