// SPDX-License-Identifier: Apache-2.0
// What becomes of an archive's rows that are damaged: they are made again out of others, or set
// aside, so that all others can still be used.
#pragma once

#include "base/api.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/transaction.h"

#include <cstdint>

namespace sarang::lmdb {

/// A head as the owner's blocks have it.
ArchiveHead rebuilt_head(ReadTransaction& transaction, std::uint64_t owner);

/// The owner's head; where it is damaged, it is made anew, and stands in its place from then on.
ArchiveHead sound_head(WriteTransaction& transaction, std::uint64_t owner);

/// A mark that is above all that the archives and the journal have.
ArchiveMark rebuilt_mark(ReadTransaction& transaction);

/// Keeps the bytes of a damaged row where nobody reads them but who wants to save what there is.
void set_aside(WriteTransaction& transaction, Table table, const Key& key);

} // namespace sarang::lmdb
