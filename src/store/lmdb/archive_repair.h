// SPDX-License-Identifier: Apache-2.0
// The repair of an archive, in parts that are transactions each: first its blocks, then what leads
// to their entries, its inbox, its head, and at last what was set aside.
#pragma once

#include "store/archive_query.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <cstdint>
#include <string_view>

namespace sarang::lmdb {

/// The next part; `miscounted` is asked for where the head is next.
ArchiveRepair repair_archive(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::string_view owner,
    ArchiveRepair so_far,
    SoundStanza sound,
    std::int64_t miscounted);

/// The head is next, for which it must be known by how much it is wrong.
bool is_head_next(const ArchiveRepair& repair);

/// By how many entries the blocks have more than the head says.
std::int64_t miscounted(ReadTransaction& transaction, std::string_view owner);

/// A row of the journal of all archives cannot be read.
bool is_journal_damaged(ReadTransaction& transaction);

} // namespace sarang::lmdb
