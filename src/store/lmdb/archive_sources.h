// SPDX-License-Identifier: Apache-2.0
// Which number came last from each source of an archive, beyond what the journal tells.
#pragma once

#include "store/archive_store.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/transaction.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sarang::lmdb {

/// The last one of a source.
struct LastOfSource {
    std::uint64_t number = 0;
    ArchiveId id = ArchiveId::none;
};

std::optional<LastOfSource>
last_of_source(ReadTransaction& transaction, std::string_view owner, std::string_view source);

/// Whether a row can be read.
bool is_sound_source(std::string_view row);

/// Requires records in order.
void remember_sources(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const JournalRecord> records);

/// Forgets, about once a day, those that were silent for a week.
void sweep_sources(WriteTransaction& transaction, std::uint64_t owner, ArchiveHead& head);

} // namespace sarang::lmdb
