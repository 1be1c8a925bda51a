// SPDX-License-Identifier: Apache-2.0
// ArchiveStore: what was said, in the order in which it came, an archive for each owner: a user
// or a room. All but expire() is called and awaited on the shard of the owner's bucket, which is
// bucket % shards, since what came last is in that shard's memory. Appends settle in order.
// Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "store/archive_append.h"
#include "store/archive_entry.h"
#include "store/archive_query.h"
#include "store/inbox.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sarang {

class SARANG_API ArchiveStore {
public:
    virtual ~ArchiveStore() = default;

    /// Takes an entry in and gives it its id. It is in no page, and nobody is to be shown it or its
    /// id, before its ticket has settled as durable. `resource-constraint` when too much waits.
    virtual Result<Appended> append(const ArchiveDraft& draft) = 0;

    /// On any shard: more is appended than the disk takes. Who can wait should bring no more now;
    /// appends are refused only when that did not help.
    virtual bool behind() const = 0;

    /// On any shard: what was kept before this start is not above it, and all that comes is.
    virtual ArchiveId beginning() const = 0;

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

    /// Mends a bounded part of what check() finds, from where the part before came to: what can be
    /// read of a damaged block is kept, the rest is gone, and all that leads to entries fits again.
    /// An entry whose stanza is not sound cannot be read. Whoever finds entries by their words is
    /// to begin anew where some are lost. Changes nothing where nothing is damaged.
    virtual Task<Result<ArchiveRepair>>
    repair(std::string owner, ArchiveRepair so_far, SoundStanza sound) = 0;
};

} // namespace sarang
