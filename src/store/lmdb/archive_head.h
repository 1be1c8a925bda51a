// SPDX-License-Identifier: Apache-2.0
// ArchiveHead: what is known of an owner's archive at a glance, and how far the journal is folded.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::lmdb {

struct ArchiveHead {
    ArchiveId folded = ArchiveId::none; ///< up to here entries are in blocks, or were removed
    ArchiveId first = ArchiveId::none;  ///< in blocks, as are the two that follow
    ArchiveId last = ArchiveId::none;
    std::uint64_t count = 0;
    std::uint64_t host = 0;

    bool operator==(const ArchiveHead&) const = default;
};

SARANG_API std::string encode(const ArchiveHead& head);
SARANG_API std::optional<ArchiveHead> decode_archive_head(std::string_view bytes);

/// The owner's head, an empty one when there is none.
ArchiveHead archive_head(ReadTransaction& transaction, std::uint64_t owner);

/// Puts a head in the place of another, and the owner where his host's expiry finds him.
void put_archive_head(
    WriteTransaction& transaction,
    std::uint64_t owner,
    const ArchiveHead& before,
    const ArchiveHead& head);

/// Where an archive stands in the order in which its host's archives expire.
Key expiry_key(const ArchiveHead& head, std::uint64_t owner);

/// Up to which id an archive, or a journal, was used; what follows is new.
struct ArchiveMark {
    ArchiveId id = ArchiveId::none;
    std::uint64_t row = 0; ///< of the journal
};

ArchiveMark archive_mark(ReadTransaction& transaction);
/// Raises it.
void put_archive_mark(WriteTransaction& transaction, const ArchiveMark& mark);

/// The number that the journal's next row will have.
std::uint64_t next_journal_row(ReadTransaction& transaction);

/// Notes that what the journal holds of an owner till now is void. Those who hold it in memory
/// are to forget what came before the row that is returned.
std::uint64_t void_journal(WriteTransaction& transaction, std::string_view owner);

/// Rows of the journal below this hold nothing of the owner's.
std::uint64_t first_valid_row(ReadTransaction& transaction, std::string_view owner);

/// Forgets what was noted of rows that are gone.
void forget_voids(WriteTransaction& transaction);

} // namespace sarang::lmdb
