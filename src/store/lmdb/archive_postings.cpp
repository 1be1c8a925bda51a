// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_postings.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_ids.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr ArchiveId greatest{std::numeric_limits<std::uint64_t>::max()};
constexpr std::size_t posting_size = 8; // about, in a chunk

Key party_key(std::uint64_t owner, std::uint64_t party)
{
    return Key{owner}.u64(party);
}

Key reference_key(std::uint64_t owner, const BlockEntry& entry)
{
    return Key{owner}.u64(frozen_hash(entry.refers_to)).u64(number(entry.id));
}

ArchiveId id_in(const Cursor& cursor)
{
    return ArchiveId{BytesReader{cursor.key_rest()}.u64()};
}

// The entries of each party, by its hash.
std::map<std::uint64_t, std::vector<ChunkEntry>> by_party(std::span<const BlockEntry> entries)
{
    std::map<std::uint64_t, std::vector<ChunkEntry>> parties;
    std::vector<ChunkEntry>* theirs = nullptr;
    std::string_view with;
    for (const BlockEntry& entry : entries) {
        if (theirs == nullptr || entry.with != with) {
            with = entry.with;
            theirs = &parties[frozen_hash(with)];
        }
        theirs->push_back({entry.id, chunk_mark(entry.message_id)});
    }
    return parties;
}

// Adds to a party's last chunk what has room there; how many that were.
std::size_t
fill_chunk(WriteTransaction& transaction, const Key& party, std::span<const ChunkEntry> entries)
{
    Key place;
    std::string row;
    std::size_t count = 0;
    {
        Cursor cursor{transaction, Table::archive_with, party};
        // What follows a damaged one goes into another, under a key of its own.
        if (!cursor.seek_back(Key{party}.u64(number(greatest))) ||
            cursor.value().size() >= chunk_size || !last_of_chunk(cursor.value())) {
            return 0;
        }
        const std::size_t room = (chunk_size - cursor.value().size()) / posting_size + 1;
        count = std::min(entries.size(), room);
        place = Key{}.raw(cursor.key());
        row = extend_chunk(cursor.value(), entries.first(count));
    }
    transaction.put(Table::archive_with, place, row);
    return count;
}

void add_chunks(
    WriteTransaction& transaction, const Key& party, std::span<const ChunkEntry> entries)
{
    entries = entries.subspan(fill_chunk(transaction, party, entries));
    while (!entries.empty()) {
        const auto some = entries.first(std::min(entries.size(), chunk_size / posting_size));
        const Key place = Key{party}.u64(number(some.front().id));
        transaction.put(Table::archive_with, place, write_chunk(some));
        entries = entries.subspan(some.size());
    }
}

// Puts what is left of a party's first chunk in its place. What it had cannot be told of one that
// is damaged: it stays until all that it can have had is gone.
void trim_chunk(WriteTransaction& transaction, const Key& party, ArchiveId through)
{
    Key place;
    std::vector<ChunkEntry> left;
    {
        Cursor cursor{transaction, Table::archive_with, party};
        if (!cursor.next() || id_in(cursor) > through) {
            return;
        }
        place = Key{}.raw(cursor.key());
        auto entries = read_chunk(id_in(cursor), cursor.value());
        if (!entries) {
            return;
        }
        left = std::move(*entries);
    }
    std::erase_if(left, [through](const ChunkEntry& entry) { return entry.id <= through; });
    transaction.erase(Table::archive_with, place);
    if (!left.empty()) {
        const Key moved = Key{party}.u64(number(left.front().id));
        transaction.put(Table::archive_with, moved, write_chunk(left));
    }
}

// The chunks that hold nothing above an id. A damaged one ends before the next begins.
std::vector<Key> chunks_through(ReadTransaction& transaction, const Key& party, ArchiveId through)
{
    std::vector<Key> chunks;
    std::optional<Key> damaged;
    Cursor cursor{transaction, Table::archive_with, party};
    while (cursor.next() && id_in(cursor) <= through) {
        if (damaged) {
            chunks.push_back(*damaged);
            damaged.reset();
        }
        const Key key = Key{}.raw(cursor.key());
        const auto last = last_of_chunk(cursor.value());
        if (!last) {
            damaged = key;
        } else if (*last <= through) {
            chunks.push_back(key);
        } else {
            break;
        }
    }
    return chunks;
}

void drop_through(WriteTransaction& transaction, const Key& party, ArchiveId through)
{
    for (const Key& chunk : chunks_through(transaction, party, through)) {
        transaction.erase(Table::archive_with, chunk);
    }
    trim_chunk(transaction, party, through);
}

void erase_all_of(WriteTransaction& transaction, Table table, const std::vector<Key>& keys)
{
    for (const Key& key : keys) {
        transaction.erase(table, key);
    }
}

} // namespace

void add_postings(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries)
{
    for (const auto& [party, postings] : by_party(entries)) {
        add_chunks(transaction, party_key(owner, party), postings);
    }
    for (const BlockEntry& entry : entries) {
        if (!entry.refers_to.empty()) {
            transaction.put(Table::archive_refs, reference_key(owner, entry), {});
        }
    }
}

void drop_postings(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries)
{
    for (const auto& [party, postings] : by_party(entries)) {
        drop_through(transaction, party_key(owner, party), postings.back().id);
    }
    for (const BlockEntry& entry : entries) {
        if (!entry.refers_to.empty()) {
            transaction.erase(Table::archive_refs, reference_key(owner, entry));
        }
    }
}

void sweep_postings(WriteTransaction& transaction, std::uint64_t owner, ArchiveId below)
{
    std::vector<Key> chunks;
    {
        Cursor cursor{transaction, Table::archive_with, Key{owner}};
        while (cursor.next()) {
            const auto last = last_of_chunk(cursor.value());
            if (last && *last < below) {
                chunks.push_back(Key{}.raw(cursor.key()));
            }
        }
    }
    std::vector<Key> references;
    {
        Cursor cursor{transaction, Table::archive_refs, Key{owner}};
        while (cursor.next()) {
            BytesReader rest{cursor.key_rest()};
            rest.u64();
            if (ArchiveId{rest.u64()} < below) {
                references.push_back(Key{}.raw(cursor.key()));
            }
        }
    }
    erase_all_of(transaction, Table::archive_with, chunks);
    erase_all_of(transaction, Table::archive_refs, references);
}

PostingWalk::PostingWalk(ReadTransaction& transaction, std::uint64_t owner, std::string_view with)
    : transaction_{transaction}
    , prefix_{party_key(owner, frozen_hash(with))}
    , cursor_{transaction, Table::archive_with, prefix_}
{}

bool PostingWalk::seek_after(ArchiveId id)
{
    if (id == greatest) {
        return false;
    }
    const ArchiveId least{number(id) + 1};
    const Key key = Key{prefix_}.u64(number(least));
    if (!cursor_.seek_back(key) && !cursor_.seek(key)) {
        return false;
    }
    if (!read()) {
        return false;
    }
    const auto found = std::ranges::lower_bound(chunk_, least, {}, &ChunkEntry::id);
    at_ = static_cast<std::size_t>(found - chunk_.begin());
    if (at_ == chunk_.size()) {
        --at_;
        return next();
    }
    return true;
}

bool PostingWalk::seek_before(ArchiveId id)
{
    if (id == ArchiveId::none || !cursor_.seek_back(Key{prefix_}.u64(number(id) - 1)) || !read()) {
        return false;
    }
    const auto found = std::ranges::lower_bound(chunk_, id, {}, &ChunkEntry::id);
    at_ = static_cast<std::size_t>(found - chunk_.begin()) - 1; // the chunk's first one is below
    return true;
}

bool PostingWalk::next()
{
    if (at_ + 1 < chunk_.size()) {
        ++at_;
        return true;
    }
    at_ = 0;
    return cursor_.next() && read();
}

bool PostingWalk::previous()
{
    if (at_ > 0) {
        --at_;
        return true;
    }
    if (!cursor_.previous() || !read()) {
        return false;
    }
    at_ = chunk_.size() - 1;
    return true;
}

bool PostingWalk::read()
{
    auto chunk = read_chunk(id_in(cursor_), cursor_.value());
    if (!chunk) {
        transaction_.damaged("which entries of an archive are with one party");
        broken_ = true;
        return false;
    }
    chunk_ = std::move(*chunk);
    return true;
}

std::vector<ArchiveId> references_to(
    ReadTransaction& transaction,
    std::uint64_t owner,
    std::string_view message_id,
    std::size_t limit)
{
    std::vector<ArchiveId> ids;
    Cursor cursor{transaction, Table::archive_refs, Key{owner}.u64(frozen_hash(message_id))};
    while (ids.size() < limit && cursor.next()) {
        ids.push_back(id_in(cursor));
    }
    return ids;
}

} // namespace sarang::lmdb
