// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_chunk.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/pen.h"

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t chunk_version = 1;
constexpr std::size_t head_size = 9;
constexpr std::size_t smallest_entry = 3;
constexpr std::size_t largest_entry = Pen::longest_varint + 2;

std::string write_after(ArchiveId last, std::string_view body, std::span<const ChunkEntry> entries)
{
    std::string row(head_size + body.size() + entries.size() * largest_entry, '\0');
    Pen pen{row.data()};
    pen.u8(chunk_version).u64(number(entries.back().id)).raw(body);
    for (const ChunkEntry& entry : entries) {
        pen.varint(number(entry.id) - number(last)).u16(entry.mark);
        last = entry.id;
    }
    row.resize(static_cast<std::size_t>(pen.at() - row.data()));
    return row;
}

} // namespace

std::uint16_t chunk_mark(std::string_view message_id)
{
    return static_cast<std::uint16_t>(frozen_hash(message_id));
}

std::string write_chunk(std::span<const ChunkEntry> entries)
{
    return write_after(entries.front().id, {}, entries);
}

std::string extend_chunk(std::string_view row, std::span<const ChunkEntry> entries)
{
    const auto last = last_of_chunk(row);
    return last ? write_after(*last, row.substr(head_size), entries) : write_chunk(entries);
}

std::optional<ArchiveId> last_of_chunk(std::string_view row)
{
    BytesReader reader{row};
    const std::uint8_t version = reader.u8();
    const ArchiveId last{reader.u64()};
    return reader.ok() && version == chunk_version ? std::optional{last} : std::nullopt;
}

std::optional<std::vector<ChunkEntry>> read_chunk(ArchiveId first, std::string_view row)
{
    const auto last = last_of_chunk(row);
    if (!last) {
        return std::nullopt;
    }
    BytesReader reader{row.substr(head_size)};
    std::vector<ChunkEntry> entries;
    entries.reserve(row.size() / smallest_entry);
    std::uint64_t id = number(first);
    while (!reader.complete()) {
        const std::uint64_t step = reader.varint();
        const std::uint16_t mark = reader.u16();
        if (!reader.ok() || entries.empty() != (step == 0) || step > ~id) {
            return std::nullopt;
        }
        id += step;
        entries.push_back(ChunkEntry{ArchiveId{id}, mark});
    }
    const bool sound = !entries.empty() && entries.back().id == *last;
    return sound ? std::optional{std::move(entries)} : std::nullopt;
}

} // namespace sarang::lmdb
