// SPDX-License-Identifier: Apache-2.0
// What leads to entries: the lists of those with one party, and of those that refer to another.
#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_chunk.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_look.h"
#include "store/lmdb/archive_mending.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr std::size_t chunks_at_once = 64;
constexpr std::size_t references_at_once = 512;
constexpr std::size_t blocks_at_once = 64; // that are unpacked, after which it is enough
constexpr std::size_t entries_of_chunk = 128;
constexpr ArchiveId greatest{std::numeric_limits<std::uint64_t>::max()};

struct ChunkRow {
    std::uint64_t party = 0;
    ArchiveId first = ArchiveId::none;
    std::string bytes;
};

Key chunk_key(std::uint64_t owner, std::uint64_t party, ArchiveId first)
{
    return Key{owner}.u64(party).u64(number(first));
}

Key reference_key(std::uint64_t owner, const BlockEntry& entry)
{
    return Key{owner}.u64(frozen_hash(entry.refers_to)).u64(number(entry.id));
}

// The chunk of an entry's party that would have it.
std::optional<ChunkRow>
chunk_for(ReadTransaction& transaction, std::uint64_t owner, const BlockEntry& entry)
{
    const std::uint64_t party = frozen_hash(entry.with);
    Cursor cursor{transaction, Table::archive_with, Key{owner}.u64(party)};
    if (!cursor.seek_back(chunk_key(owner, party, entry.id))) {
        return std::nullopt;
    }
    return ChunkRow{
        party, ArchiveId{BytesReader{cursor.key_rest()}.u64()}, std::string{cursor.value()}};
}

bool has(const std::vector<ChunkEntry>& chunk, const BlockEntry& entry)
{
    const auto found = std::ranges::lower_bound(chunk, entry.id, {}, &ChunkEntry::id);
    return found != chunk.end() && *found == ChunkEntry{entry.id, chunk_mark(entry.message_id)};
}

// In as many rows as that takes.
void put_chunks(
    WriteTransaction& transaction,
    std::uint64_t owner,
    std::uint64_t party,
    std::span<const ChunkEntry> entries)
{
    while (!entries.empty()) {
        const auto some = entries.first(std::min(entries.size(), entries_of_chunk));
        const Key key = chunk_key(owner, party, some.front().id);
        transaction.put(Table::archive_with, key, write_chunk(some));
        entries = entries.subspan(some.size());
    }
}

// Whether that was needed.
bool add_posting(const Mending& mending, const BlockEntry& entry)
{
    const auto row = chunk_for(mending.transaction, mending.owner, entry);
    auto chunk = row ? read_chunk(row->first, row->bytes) : std::nullopt;
    const bool begins = row && !chunk && row->first == entry.id; // a damaged one: its turn comes
    if (begins || (chunk && has(*chunk, entry))) {
        return false;
    }
    const bool full = chunk && row->bytes.size() >= chunk_size && chunk->back().id < entry.id;
    std::vector<ChunkEntry> all;
    if (chunk && !full) {
        all = std::move(*chunk);
    }
    std::erase_if(all, [&entry](const ChunkEntry& one) { return one.id == entry.id; });
    const auto place = std::ranges::lower_bound(all, entry.id, {}, &ChunkEntry::id);
    all.insert(place, ChunkEntry{entry.id, chunk_mark(entry.message_id)});
    if (all.size() <= 2 * entries_of_chunk) {
        const Key key = chunk_key(mending.owner, frozen_hash(entry.with), all.front().id);
        mending.transaction.put(Table::archive_with, key, write_chunk(all));
    } else {
        put_chunks(mending.transaction, mending.owner, frozen_hash(entry.with), all);
    }
    return true;
}

class PartyMending {
public:
    explicit PartyMending(const Mending& mending)
        : mending_{mending}
        , look_{mending.transaction, mending.codec, mending.owner}
    {}

    void run()
    {
        const std::vector<ChunkRow> rows = some_rows();
        std::size_t at = 0;
        for (; at < rows.size() && at < chunks_at_once && look_.blocks() < blocks_at_once; ++at) {
            const bool followed = at + 1 < rows.size() && rows[at + 1].party == rows[at].party;
            mend(rows[at], followed ? rows[at + 1].first : greatest);
        }
        mending_.repair.place.clear();
        if (at < rows.size()) {
            mending_.repair.place = Key{rows[at].party}.u64(number(rows[at].first)).bytes();
        }
        if (stray_ > 0) {
            mending_.repair.done.push_back(fmt::format(
                "{} places in the lists of entries with one party led to none", stray_));
        }
    }

private:
    std::vector<ChunkRow> some_rows()
    {
        std::vector<ChunkRow> rows;
        Cursor cursor{mending_.transaction, Table::archive_with, Key{mending_.owner}};
        const Key from = Key{mending_.owner}.raw(mending_.repair.place);
        for (bool more = cursor.seek(from); more && rows.size() <= chunks_at_once;
             more = cursor.next()) {
            BytesReader rest{cursor.key_rest()};
            const std::uint64_t party = rest.u64();
            rows.push_back({party, ArchiveId{rest.u64()}, std::string{cursor.value()}});
        }
        return rows;
    }

    void mend(const ChunkRow& row, ArchiveId next)
    {
        const auto known = read_chunk(row.first, row.bytes);
        if (!known) {
            note_damaged(row);
        }
        // Of a damaged one it is only known how it began; the others were put behind it.
        const std::vector<ChunkEntry> begun{{row.first, 0}};
        std::vector<ChunkEntry> left;
        for (const ChunkEntry& one : known ? *known : begun) {
            if (const auto mark = mark_of(row.party, one.id); mark && one.id < next) {
                left.push_back({one.id, *mark});
            }
        }
        if (known && left == *known) {
            return;
        }
        mending_.transaction.erase(
            Table::archive_with, chunk_key(mending_.owner, row.party, row.first));
        put_chunks(mending_.transaction, mending_.owner, row.party, left);
    }

    void note_damaged(const ChunkRow& row)
    {
        mending_.repair.uncounted =
            mending_.repair.uncounted || mending_.repair.suspect_from != ArchiveId::none;
        mending_.repair.done.push_back(fmt::format(
            "entry {}: which entries are with one party was made anew from here on",
            number(row.first)));
    }

    // That of an entry, which must be with the party.
    std::optional<std::uint16_t> mark_of(std::uint64_t party, ArchiveId id)
    {
        const BlockEntry* const found = look_.entry(id);
        if (found != nullptr && frozen_hash(found->with) == party) {
            return chunk_mark(found->message_id);
        }
        ++stray_;
        if (found == nullptr && mending_.is_suspect(id)) {
            ++mending_.repair.lost;
            mending_.lose(id);
        }
        return std::nullopt;
    }

    const Mending& mending_;
    BlockLook look_;
    std::uint64_t stray_ = 0;
};

} // namespace

Listed listed_with_party(ReadTransaction& transaction, std::uint64_t owner, const BlockEntry& entry)
{
    const auto row = chunk_for(transaction, owner, entry);
    const auto chunk = row ? read_chunk(row->first, row->bytes) : std::nullopt;
    if (row && !chunk) {
        return Listed::unknown;
    }
    return chunk && has(*chunk, entry) ? Listed::yes : Listed::no;
}

bool add_missing_postings(const Mending& mending, const BlockEntry& entry)
{
    const bool added = add_posting(mending, entry);
    const Key reference = reference_key(mending.owner, entry);
    if (entry.refers_to.empty() || mending.transaction.get(Table::archive_refs, reference)) {
        return added;
    }
    mending.transaction.put(Table::archive_refs, reference, {});
    return true;
}

void mend_parties(const Mending& mending)
{
    PartyMending{mending}.run();
}

void mend_references(const Mending& mending)
{
    BlockLook look{mending.transaction, mending.codec, mending.owner};
    std::vector<Key> stray;
    Key from = Key{mending.owner}.raw(mending.repair.place);
    mending.repair.place.clear();
    {
        Cursor cursor{mending.transaction, Table::archive_refs, Key{mending.owner}};
        std::size_t rows = 0;
        for (bool more = cursor.seek(from); more; more = cursor.next()) {
            if (rows++ == references_at_once || look.blocks() >= blocks_at_once) {
                mending.repair.place = cursor.key_rest();
                break;
            }
            BytesReader rest{cursor.key_rest()};
            const std::uint64_t hash = rest.u64();
            const BlockEntry* const entry = look.entry(ArchiveId{rest.u64()});
            if (entry == nullptr || entry->refers_to.empty() ||
                frozen_hash(entry->refers_to) != hash) {
                stray.push_back(Key{}.raw(cursor.key()));
            }
        }
    }
    for (const Key& key : stray) {
        mending.transaction.erase(Table::archive_refs, key);
    }
    if (!stray.empty()) {
        mending.repair.done.push_back(fmt::format(
            "{} places in the list of what refers to another led to none", stray.size()));
    }
}

} // namespace sarang::lmdb
