// SPDX-License-Identifier: Apache-2.0
// Folding: entries that are in the journal become blocks of their owner's, in one transaction with
// all by which they are found, and the journal's rows that nobody needs any more go.
#pragma once

#include "base/api.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// A record of the journal, in a row's bytes.
struct FoldRecord {
    std::uint64_t row = 0;
    std::string_view bytes;
};

/// What is to be folded of one owner, in order: the first ones that the journal has of him.
struct FoldPart {
    std::string owner;
    std::vector<FoldRecord> records;
    ArchiveId through = ArchiveId::none; ///< the last one's id
};

/// Bytes of a row of the journal, without what may have been blanked there since.
using JournalBytes = std::shared_ptr<const std::string>;

struct Fold {
    std::vector<FoldPart> parts;
    std::vector<JournalBytes> bytes;  ///< what the records point into
    std::vector<std::uint64_t> spent; ///< rows of the journal to erase
    ArchiveId mark = ArchiveId::none; ///< the greatest id in those
};

/// Puts entries into blocks of their own, in order; there may be none.
void put_blocks(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::uint64_t owner,
    std::span<const BlockEntry> entries);

void fold(WriteTransaction& transaction, BlockCodec& codec, const Fold& deed);

} // namespace sarang::lmdb
