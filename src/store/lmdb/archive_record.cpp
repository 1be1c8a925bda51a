// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_record.h"

#include "store/lmdb/archive_ids.h"
#include "store/lmdb/pen.h"

#include <array>

namespace sarang::lmdb {
namespace {

// Up to journal_version. Records had no roles first, and up to the second version they told the
// source that a stanza came from, and its number there.
constexpr std::uint8_t first_version = 1;
constexpr std::uint8_t version_with_roles = 2;

// All of a record but the stanza.
template <class Writer>
void write_head(Writer& out, const JournalRecord& record)
{
    const BlockEntry& entry = record.entry;
    out.u64(number(entry.id)).u8(static_cast<std::uint8_t>(entry.role));
    out.string(record.owner).string(record.host);
    out.string(entry.with).string(entry.with_resource);
    out.string(entry.message_id).string(entry.refers_to);
}

// At most.
std::size_t head_size(const JournalRecord& record)
{
    constexpr std::size_t numbers = 8 + 1 + 6 * Pen::longest_length;
    const BlockEntry& entry = record.entry;
    return numbers + record.owner.size() + record.host.size() + entry.with.size() +
           entry.with_resource.size() + entry.message_id.size() + entry.refers_to.size();
}

} // namespace

void begin_journal(BytesWriter& row)
{
    row.u8(journal_version);
}

void write_record(BytesWriter& row, const JournalRecord& record)
{
    constexpr std::size_t usual = 512;
    if (head_size(record) <= usual) {
        std::array<char, usual> head;
        Pen pen{head.data()};
        write_head(pen, record);
        row.raw({head.data(), static_cast<std::size_t>(pen.at() - head.data())});
    } else {
        write_head(row, record);
    }
    row.string(record.entry.stanza);
}

JournalRecord record_of(const ArchiveDraft& draft, ArchiveId id)
{
    return JournalRecord{
        draft.owner,
        draft.host,
        BlockEntry{
            id,
            draft.with,
            draft.with_resource,
            draft.message_id,
            draft.refers_to,
            draft.stanza,
            draft.role}};
}

EntryRole read_role(BytesReader& reader, bool& sound)
{
    const std::uint8_t role = reader.u8();
    sound = sound && role <= static_cast<std::uint8_t>(EntryRole::room_left);
    return EntryRole{role};
}

namespace {

std::optional<JournalRecord> read_any_record(BytesReader& row, std::uint8_t version)
{
    JournalRecord record;
    bool sound = true;
    record.entry.id = ArchiveId{row.u64()};
    record.entry.role = version >= version_with_roles ? read_role(row, sound) : EntryRole::none;
    record.owner = row.string();
    record.host = row.string();
    if (version < journal_version) {
        row.string();
        row.varint();
    }
    record.entry.with = row.string();
    record.entry.with_resource = row.string();
    record.entry.message_id = row.string();
    record.entry.refers_to = row.string();
    record.entry.stanza = row.string();
    return row.ok() && sound ? std::optional{record} : std::nullopt;
}

} // namespace

std::optional<JournalRecord> read_record(BytesReader& row)
{
    return read_any_record(row, journal_version);
}

std::optional<std::string> renewed_journal(std::string_view row)
{
    BytesReader reader{row};
    const std::uint8_t version = reader.u8();
    if (version < first_version || version >= journal_version) {
        return std::nullopt;
    }
    BytesWriter renewed;
    begin_journal(renewed);
    while (!reader.complete()) {
        const auto record = read_any_record(reader, version);
        if (!record) {
            return std::nullopt;
        }
        write_record(renewed, *record);
    }
    return renewed.take();
}

JournalReader::JournalReader(std::string_view row)
    : reader_{row}
    , size_{row.size()}
    , damaged_{reader_.u8() != journal_version}
{}

std::optional<JournalRecord> JournalReader::next()
{
    if (damaged_ || reader_.complete()) {
        return std::nullopt;
    }
    offset_ = end();
    auto record = read_record(reader_);
    damaged_ = !record;
    return record;
}

ArchiveEntry entry_of(const BlockEntry& entry)
{
    return ArchiveEntry{
        entry.id,
        std::string{entry.with},
        std::string{entry.with_resource},
        std::string{entry.stanza}};
}

} // namespace sarang::lmdb
