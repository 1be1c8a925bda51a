// SPDX-License-Identifier: Apache-2.0
// What is kept of an entry of an archive, as views, and the rows of the journal: a version and
// then one record after the other, as they came.
#pragma once

#include "base/api.h"
#include "base/bytes.h"
#include "store/archive_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::lmdb {

/// As blocks hold it: all but the owner.
struct BlockEntry {
    ArchiveId id = ArchiveId::none;
    std::string_view with;
    std::string_view with_resource;
    std::string_view message_id;
    std::string_view refers_to;
    std::string_view stanza;
    EntryRole role = EntryRole::none;

    bool operator==(const BlockEntry&) const = default;
};

/// As the journal holds it.
struct JournalRecord {
    std::string_view owner;
    std::string_view host;
    BlockEntry entry;

    bool operator==(const JournalRecord&) const = default;
};

/// As a record of the journal or a block has it; `sound` becomes false for what is no role.
SARANG_API EntryRole read_role(BytesReader& reader, bool& sound);

inline constexpr std::uint8_t journal_version = 3;

/// Begins a row.
SARANG_API void begin_journal(BytesWriter& row);
SARANG_API void write_record(BytesWriter& row, const JournalRecord& record);

/// What a draft says, under its id.
JournalRecord record_of(const ArchiveDraft& draft, ArchiveId id);

/// The record at an offset of a row; nothing when there is none, or no whole one.
SARANG_API std::optional<JournalRecord> read_record(BytesReader& row);

/// A row of an older version in today's form; nothing for any other.
SARANG_API std::optional<std::string> renewed_journal(std::string_view row);

/// Walks a row's records. Its bytes must outlive what was read.
class SARANG_API JournalReader {
public:
    explicit JournalReader(std::string_view row);

    /// The next record; nothing at the end, or where the row is damaged.
    std::optional<JournalRecord> next();

    /// Where in the row the record of the last next() begins, and where it ends.
    std::size_t offset() const { return offset_; }

    std::size_t end() const { return size_ - reader_.rest().size(); }

    bool damaged() const { return damaged_; }

private:
    BytesReader reader_;
    std::size_t size_;
    std::size_t offset_ = 0;
    bool damaged_ = false;
};

/// The entry as it is given to those who asked.
ArchiveEntry entry_of(const BlockEntry& entry);

} // namespace sarang::lmdb
