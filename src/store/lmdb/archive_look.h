// SPDX-License-Identifier: Apache-2.0
// BlockLook: entries of one archive's blocks by their ids, for who looks at many of them that are
// near to each other. What it gives stays as it is while rows are written.
#pragma once

#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sarang::lmdb {

class BlockLook {
public:
    BlockLook(ReadTransaction& transaction, BlockCodec& codec, std::uint64_t owner)
        : transaction_{transaction}
        , codec_{codec}
        , owner_{owner}
    {}

    /// None where there is no such entry, or none that can be read; until the next one is asked
    /// for.
    const BlockEntry* entry(ArchiveId id);

    /// That were unpacked.
    std::size_t blocks() const { return blocks_; }

private:
    bool covers(ArchiveId id) const;

    ReadTransaction& transaction_;
    BlockCodec& codec_;
    const std::uint64_t owner_;
    std::size_t blocks_ = 0;
    std::string row_; ///< what the block may point into
    std::optional<Block> block_;
};

} // namespace sarang::lmdb
