// SPDX-License-Identifier: Apache-2.0
// The check of an archive: whether its rows can be read and fit together, a part at a time.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/transaction.h"

#include <string_view>

namespace sarang::lmdb {

/// Some of the owner's blocks, those behind an entry; with none, also what concerns all of them.
ArchiveCheck check_archive(
    ReadTransaction& transaction, BlockCodec& codec, std::string_view owner, ArchiveId after);

} // namespace sarang::lmdb
