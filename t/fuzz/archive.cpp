// SPDX-License-Identifier: Apache-2.0
// Rows of the archive: damaged ones are refused or read as other sound ones, which are written and
// read again as what they are.

#include "store/lmdb/archive_block.h"
#include "store/lmdb/archive_chunk.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_inbox_row.h"
#include "store/lmdb/archive_record.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace sarang;
using namespace sarang::lmdb;

constexpr ArchiveId first{1000};

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

void check_block(std::string_view row)
{
    BlockCodec codec;
    const auto block = Block::read(codec, first, row);
    if (!block) {
        return;
    }
    const auto& entries = block->entries();
    require(!entries.empty() && entries.front().id == first);
    require(block->find(entries.back().id) == &entries.back());
    const std::string written = write_block(codec, entries);
    const auto again = Block::read(codec, first, written);
    require(again && again->entries() == entries);
}

void check_chunk(std::string_view row)
{
    if (const auto chunk = read_chunk(first, row)) {
        require(read_chunk(first, write_chunk(*chunk)) == chunk);
        const ChunkEntry next{ArchiveId{static_cast<std::uint64_t>(chunk->back().id) + 1}, 7};
        if (next.id > chunk->back().id) {
            const auto longer = read_chunk(first, extend_chunk(row, {&next, 1}));
            require(longer && longer->size() == chunk->size() + 1 && longer->back() == next);
        }
    }
}

void check_journal(std::string_view row)
{
    JournalReader reader{row};
    std::size_t end = 1;
    while (const auto record = reader.next()) {
        require(reader.offset() == end && reader.end() > end && reader.end() <= row.size());
        end = reader.end();
        BytesWriter written;
        write_record(written, *record);
        require(written.bytes() == row.substr(reader.offset(), end - reader.offset()));
    }
    require(reader.damaged() || end == row.size());
}

void check_inbox(std::string_view bytes)
{
    auto row = InboxRow::decode(bytes);
    if (!row) {
        return;
    }
    require(row->encode() == bytes);
    std::uint64_t id = ~std::uint64_t{0} - 3; // of entries that come after all that it has
    if (row->conversation().last > ArchiveId{id}) {
        return;
    }
    for (const EntryRole role : {EntryRole::received, EntryRole::displayed, EntryRole::sent}) {
        BlockEntry entry;
        entry.id = ArchiveId{++id};
        entry.message_id = "m";
        entry.refers_to = "m";
        entry.role = role;
        row->add(entry);
    }
    require(row->unread() == 0 && !row->conversation().more);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view row{reinterpret_cast<const char*>(bytes) + 1, size - 1};
    switch (bytes[0] % 6) {
    case 0:
        check_block(row);
        break;
    case 1:
        check_chunk(row);
        break;
    case 2:
        check_journal(row);
        break;
    case 3:
        check_inbox(row);
        break;
    case 4:
        if (const auto totals = decode_inbox_totals(row)) {
            require(encode(*totals) == row);
        }
        break;
    default:
        if (const auto head = decode_archive_head(row)) {
            require(decode_archive_head(encode(*head)) == head); // an older one is written anew
        }
    }
    return 0;
}
