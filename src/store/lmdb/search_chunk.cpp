// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_chunk.h"

#include "base/bytes.h"

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t chunk_version = 1;
constexpr std::size_t head_size = 9;
constexpr unsigned sequence_bits = 11;
constexpr unsigned bucket_bits = 12;
constexpr unsigned time_shift = sequence_bits + bucket_bits;
constexpr std::uint64_t sequence_mask = (std::uint64_t{1} << sequence_bits) - 1;
constexpr std::uint64_t bucket_mask = ((std::uint64_t{1} << bucket_bits) - 1) << sequence_bits;

// Where an id stands, counted without its bucket.
std::uint64_t place(ArchiveId id)
{
    const auto number = static_cast<std::uint64_t>(id);
    return (number >> time_shift) << sequence_bits | (number & sequence_mask);
}

ArchiveId id_at(std::uint64_t place, std::uint64_t bucket)
{
    return ArchiveId{(place >> sequence_bits) << time_shift | bucket | (place & sequence_mask)};
}

std::optional<ArchiveId> last_of(std::string_view row)
{
    BytesReader reader{row};
    const std::uint8_t version = reader.u8();
    const ArchiveId last{reader.u64()};
    return reader.ok() && version == chunk_version ? std::optional{last} : std::nullopt;
}

} // namespace

std::string write_search_chunk(std::span<const ArchiveId> ids)
{
    BytesWriter row;
    row.u8(chunk_version).u64(static_cast<std::uint64_t>(ids.back()));
    ArchiveId last = ids.front();
    for (const ArchiveId id : ids) {
        row.varint(place(id) - place(last));
        last = id;
    }
    return row.take();
}

std::optional<std::vector<ArchiveId>> read_search_chunk(ArchiveId first, std::string_view row)
{
    const auto last = last_of(row);
    if (!last) {
        return std::nullopt;
    }
    const std::uint64_t bucket = static_cast<std::uint64_t>(first) & bucket_mask;
    const std::uint64_t end = place(*last);
    BytesReader reader{row.substr(head_size)};
    std::vector<ArchiveId> ids;
    ids.reserve(row.size() - head_size);
    std::uint64_t at = place(first);
    while (!reader.complete()) {
        const std::uint64_t step = reader.varint();
        if (!reader.ok() || ids.empty() != (step == 0) || at > end || step > end - at) {
            return std::nullopt;
        }
        at += step;
        ids.push_back(id_at(at, bucket));
    }
    return !ids.empty() && at == end ? std::optional{std::move(ids)} : std::nullopt;
}

} // namespace sarang::lmdb
