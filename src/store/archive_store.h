// SPDX-License-Identifier: Apache-2.0
// ArchiveStore: what was said, in the order in which it came, an archive for each owner: a user
// or a room. All but expire() is called and awaited on the shard of the owner's bucket, which is
// bucket % shards, since what came last is in that shard's memory. Appends settle in order.
// Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/task.h"
#include "store/archive_entry.h"
#include "store/inbox.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// An entry to be kept; views need only live for the call.
struct ArchiveDraft {
    std::string_view owner; ///< bare JID
    std::string_view host;  ///< its domain, which retention is set for
    std::uint16_t bucket = 0;
    std::string_view with; ///< the other party's bare JID, by which it is found
    std::string_view with_resource;
    std::string_view message_id; ///< by which later ones refer to it (XEP-0359 §3.4); or none
    std::string_view refers_to;  ///< the message_id that this one refers to: a reaction, say
    std::string_view stanza;
    EntryRole role = EntryRole::none;
};

/// Counts a shard's appends. They settle in this order.
enum class AppendTicket : std::uint64_t { none = 0 };

struct Appended {
    ArchiveId id = ArchiveId::none;
    AppendTicket ticket = AppendTicket::none;
};

enum class AppendOutcome : std::uint8_t {
    durable,
    refused,   ///< nothing was kept: the disk is full, or too much waits
    failed,    ///< nothing was kept: the disk is broken
    not_owner, ///< nothing was kept: the bucket is another node's by now
    in_doubt,  ///< it may have been kept
};

/// The stanza error that tells a sender of it. Requires an outcome other than durable.
SARANG_API Error append_error(AppendOutcome outcome);

/// How all appends settled that were unsettled till now, up to `through`.
struct Settlement {
    AppendTicket through;
    AppendOutcome outcome;
};

/// A part of an archive. Bounds are exclusive.
struct ArchiveQuery {
    std::string owner;
    std::string with = {};          ///< bare JID; empty: anybody
    std::string with_resource = {}; ///< only with `with`
    ArchiveId after = ArchiveId::none;
    ArchiveId before = ArchiveId::none; ///< none: no bound
    bool backwards = false;             ///< the last ones of that part, not the first ones
    std::size_t limit = 50;
};

struct ArchivePage {
    /// Always in order; fewer than the limit when large, or when much was looked through.
    std::vector<ArchiveEntry> entries;
    bool complete = true; ///< nothing of that part is left beyond them
    /// Where that is not so: the entry up to which it was looked, from which on to ask for the
    /// rest.
    ArchiveId through = ArchiveId::none;
};

/// What was found out about a part of an archive.
struct ArchiveCheck {
    std::vector<std::string> faults; ///< in words, without anything that was said
    bool complete = true;
    ArchiveId through = ArchiveId::none; ///< where that is not so: from which on to go on
};

/// From the first to the last entry that there is; none and none for an empty archive.
struct ArchiveExtent {
    ArchiveId first = ArchiveId::none;
    ArchiveId last = ArchiveId::none;
    std::uint64_t entries = 0;
};

class SARANG_API ArchiveStore {
public:
    virtual ~ArchiveStore() = default;

    /// Takes an entry in and gives it its id. It is in no page, and nobody is to be shown it or its
    /// id, before its ticket has settled as durable. `resource-constraint` when too much waits.
    virtual Result<Appended> append(const ArchiveDraft& draft) = 0;

    /// On any shard: more is appended than the disk takes. Who can wait should bring no more now;
    /// appends are refused only when that did not help.
    virtual bool behind() const = 0;

    /// Has `listener` told, on this shard, whenever appends of this shard settle.
    virtual void on_settled(std::function<void(const Settlement&)> listener) = 0;

    virtual Task<Result<ArchivePage>> read(ArchiveQuery query) = 0;

    /// Those of these entries that exist, in order.
    virtual Task<Result<std::vector<ArchiveEntry>>>
    find(std::string owner, std::vector<ArchiveId> ids) = 0;

    virtual Task<Result<ArchiveExtent>> extent(std::string owner) = 0;

    /// The last entries with that party that bear this message_id, the newest first; a few at most.
    virtual Task<Result<std::vector<ArchiveEntry>>>
    find_message(std::string owner, std::string with, std::string message_id) = 0;

    /// The entries that refer to this message_id, in order; at most `limit`.
    virtual Task<Result<std::vector<ArchiveEntry>>>
    find_references(std::string owner, std::string message_id, std::size_t limit) = 0;

    /// A page costs what it holds, however many conversations there are.
    virtual Task<Result<InboxPage>> inbox(InboxQuery query) = 0;

    /// The conversation with one party, without its last message; nothing when there is none.
    virtual Task<Result<std::optional<Conversation>>>
    conversation(std::string owner, std::string with) = 0;

    /// Notes that the owner has read all of a conversation up to an entry of it; one that he has
    /// read already changes nothing. Whether there is such a conversation. Durable when done.
    virtual Task<Result<bool>>
    mark_read(std::string owner, std::string with, ArchiveId through) = 0;

    /// Puts another stanza in the place of an entry's, which is gone from the disk; whether there
    /// was such an entry. It is unread no more.
    virtual Task<Result<bool>> replace(std::string owner, ArchiveId id, std::string stanza) = 0;

    /// Removes the owner's entries before an id (none: all); how many.
    virtual Task<Result<std::uint64_t>> remove_before(std::string owner, ArchiveId bound) = 0;

    /// On any shard: removes what is older, in all archives of this host, a bounded part at a
    /// call: done when it returns 0. Costs what expires.
    virtual Task<Result<std::uint64_t>> expire(std::string host, Clock::Wall before) = 0;

    /// Looks through a bounded part of an archive's rows, from an entry on, for what is damaged or
    /// does not fit together. The first part also has what concerns the archive as a whole.
    virtual Task<Result<ArchiveCheck>> check(std::string owner, ArchiveId after) = 0;
};

} // namespace sarang
