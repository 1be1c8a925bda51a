// SPDX-License-Identifier: Apache-2.0
// Pages: what an archive is asked for, out of its blocks and of what is not in them yet. The tail
// is taken first and the transaction begun then: so an entry may be in both, but in none never.
#pragma once

#include "base/api.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// Durable entries of one owner that may be in no block yet, in order, and what they point into.
/// Notes, which are for the inbox alone, stand apart.
struct TailView {
    std::vector<BlockEntry> entries;
    std::vector<BlockEntry> notes;
    std::vector<std::shared_ptr<const std::string>> bytes;

    /// The last of all; none where there is nothing.
    ArchiveId last() const;
};

/// Reads one owner's archive in a transaction. `tail` must outlive it.
class SARANG_API ArchiveReader {
public:
    ArchiveReader(
        ReadTransaction& transaction,
        BlockCodec& codec,
        std::string_view owner,
        const TailView& tail);

    ArchivePage page(const ArchiveQuery& query);
    std::vector<ArchiveEntry> find(std::vector<ArchiveId> ids);
    /// The entry with this id, or none; in place, until the next one is asked for.
    const BlockEntry* entry(ArchiveId id);
    ArchiveExtent extent();
    std::vector<ArchiveEntry> find_message(std::string_view with, std::string_view message_id);
    std::vector<ArchiveEntry> find_references(std::string_view message_id, std::size_t limit);
    InboxPage inbox(const InboxQuery& query);
    std::optional<Conversation> conversation(std::string_view with);

private:
    class Page;

    /// What of the tail is in no block.
    std::span<const BlockEntry> fresh() const
    {
        return std::span{tail_.entries}.subspan(tail_from_);
    }

    /// The same with what of the notes the inbox does not know yet.
    std::vector<BlockEntry> fresh_for_inbox() const;

    bool read_block(ArchiveId first, std::string_view row);
    const BlockEntry* entry_in_tail(ArchiveId id) const;

    template <class Add>
    void find_in_blocks(const Add& add);

    bool add_blocks(Page& page, const ArchiveQuery& query);
    bool add_blocks_backwards(Page& page, const ArchiveQuery& query);
    bool add_with(Page& page, const ArchiveQuery& query);
    bool add_with_backwards(Page& page, const ArchiveQuery& query);
    bool add_tail(Page& page) const;
    bool add_tail_backwards(Page& page) const;

    ReadTransaction& transaction_;
    BlockCodec& codec_;
    const TailView& tail_;
    std::uint64_t owner_ = 0; ///< 0: nothing in blocks
    ArchiveHead head_;
    std::size_t blocks_read_ = 0;
    std::size_t tail_from_ = 0;  ///< the first one of the tail that is in no block
    std::optional<Block> block_; ///< the last one that was read
    ArchiveId block_first_ = ArchiveId::none;
};

} // namespace sarang::lmdb
