// SPDX-License-Identifier: Apache-2.0
// Changes of what is in blocks: an entry replaced, the first ones of an archive removed.
#pragma once

#include "base/api.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// Where an entry's stanza stands in a row of the journal.
struct JournalPlace {
    std::uint64_t row = 0;
    std::size_t offset = 0;
    std::size_t size = 0;
};

/// Overwrites what the journal has in a place, if it still has it.
void blank_journal(WriteTransaction& transaction, const JournalPlace& place);

/// Whether there was such an entry.
bool replace_entry(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::uint64_t owner,
    const BlockEntry& replacement);

/// What is left of a removal that goes on in several transactions.
struct Removal {
    std::uint64_t removed = 0;
    bool complete = true;
    unsigned damaged = 0; ///< blocks that could not be read
};

/// Removes the owner's entries below an id, some thousands at most.
Removal remove_entries(
    WriteTransaction& transaction, BlockCodec& codec, std::uint64_t owner, ArchiveId bound);

/// The same in the archives of a host, whichever have such.
std::uint64_t expire_entries(
    WriteTransaction& transaction, BlockCodec& codec, std::string_view host, ArchiveId bound);

} // namespace sarang::lmdb
