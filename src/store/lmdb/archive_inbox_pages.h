// SPDX-License-Identifier: Apache-2.0
// InboxReader: one owner's conversations, those that are folded and what the tail has added to
// them since, in the order of their last messages.
#pragma once

#include "store/archive_store.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_inbox_row.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

class InboxReader {
public:
    /// `fresh`: what is in no block yet, in order; it must outlive this. `owner` may be 0: nothing
    /// of his is folded.
    InboxReader(
        ReadTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> fresh);

    const InboxTotals& totals() const { return totals_; }

    std::optional<InboxRow> find(std::string_view with);

    /// Walks a part of them, in the query's direction.
    class Walk {
    public:
        Walk(InboxReader& reader, const InboxQuery& query);

        /// The next one; nothing at the end.
        std::optional<InboxRow> next();

    private:
        bool within(ArchiveId message) const;
        void choose_changed();
        void begin_folded();
        bool step();
        void find_folded();
        bool comes_first(const InboxRow& row, const InboxRow& other) const;

        InboxReader& reader_;
        const InboxQuery& query_;
        std::vector<const InboxRow*> changed_; ///< by what is in the tail
        std::size_t at_ = 0;
        InboxWalk walk_;
        bool more_ = false;
        std::optional<InboxRow> folded_; ///< the next one that is not among these
    };

private:
    void change(const BlockEntry& entry);

    ReadTransaction& transaction_;
    std::uint64_t owner_;
    std::map<std::string_view, InboxRow> changed_;
    InboxTotals totals_;
};

} // namespace sarang::lmdb
