// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_look.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"

namespace sarang::lmdb {

const BlockEntry* BlockLook::entry(ArchiveId id)
{
    if (!covers(id)) {
        block_.reset();
        Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
        if (!cursor.seek_back(Key{owner_}.u64(number(id)))) {
            return nullptr;
        }
        row_ = cursor.value();
        block_ = Block::read(codec_, ArchiveId{BytesReader{cursor.key_rest()}.u64()}, row_);
        ++blocks_;
    }
    return block_ ? block_->find(id) : nullptr;
}

bool BlockLook::covers(ArchiveId id) const
{
    return block_ && block_->entries().front().id <= id && id <= block_->entries().back().id;
}

} // namespace sarang::lmdb
