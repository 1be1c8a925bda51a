// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_index.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <string>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t head_version = 2;
constexpr std::uint8_t segment_version = 3;
constexpr std::uint64_t worth_pruning = 8; // what is gone, times this, is more than all
constexpr std::size_t merged_at_once = 8;  // so many segments become one
// Those with more entries stay as they are.
constexpr std::uint64_t largest_merged = 4096;
// So do those with more postings, however few entries they are of: about 64 MiB of rows, when each
// is a row, is what one transaction writes by merging.
constexpr std::uint64_t most_postings = std::uint64_t{1} << 20;
constexpr std::uint64_t most_of_one = most_postings / merged_at_once;

Key format_row()
{
    return Key{}.raw("search_format");
}

Key segment_key(std::uint64_t owner, ArchiveId first)
{
    return Key{owner}.u64(number(first));
}

std::optional<SearchSegment> read_segment(ArchiveId first, std::string_view record)
{
    BytesReader reader{record};
    const std::uint8_t version = reader.u8();
    SearchSegment segment;
    segment.first = first;
    segment.number = reader.u64();
    segment.last = ArchiveId{reader.u64()};
    segment.entries = reader.varint();
    segment.postings = reader.varint();
    const bool sound =
        reader.complete() && version == segment_version && segment.first <= segment.last;
    return sound ? std::optional{segment} : std::nullopt;
}

void give_up(WriteTransaction& transaction, std::uint64_t owner, const SearchSegment& segment)
{
    transaction.put(Table::search_gone, Key{segment.number}, {});
    transaction.erase(Table::search_segments, segment_key(owner, segment.first));
}

// Of eight times as many entries, the next greater; none beyond the largest that are merged.
std::uint64_t next_size(std::uint64_t size)
{
    return size * merged_at_once;
}

// How many of the last ones have fewer entries than that, and not too many postings.
std::size_t small_ones(std::span<const SearchSegment> all, std::uint64_t size)
{
    std::size_t count = 0;
    std::uint64_t postings = 0;
    for (; count < all.size(); ++count) {
        const SearchSegment& segment = all[all.size() - 1 - count];
        postings += std::min(segment.postings, most_postings + 1);
        if (segment.entries >= size || segment.postings > most_of_one || postings > most_postings) {
            break;
        }
    }
    return count;
}

// The last ones that are to be one, if any.
std::span<const SearchSegment> mergeable(std::span<const SearchSegment> all)
{
    for (std::uint64_t size = merged_at_once; size <= largest_merged; size = next_size(size)) {
        const std::size_t count = small_ones(all, size);
        if (count >= merged_at_once) {
            return all.last(count);
        }
    }
    return {};
}

// Puts one in the place of some, without what is below an id.
bool rewrite(
    WriteTransaction& transaction,
    std::uint64_t owner,
    std::span<const SearchSegment> old,
    ArchiveId bound)
{
    std::vector<Posting> postings;
    SearchSegment fresh;
    fresh.first = std::max(old.front().first, bound);
    fresh.last = old.back().last;
    for (const SearchSegment& segment : old) {
        if (!read_terms(transaction, segment.number, postings)) {
            return false;
        }
        fresh.entries += segment.entries;
        give_up(transaction, owner, segment);
    }
    std::erase_if(postings, [bound](const Posting& posting) { return posting.id < bound; });
    std::ranges::sort(postings);
    add_segment(transaction, owner, fresh, postings);
    return true;
}

std::optional<Key> first_void(ReadTransaction& transaction)
{
    Cursor gone{transaction, Table::search_gone, Key{}};
    return gone.next() ? std::optional{Key{}.raw(gone.key())} : std::nullopt;
}

// Whether all of them are erased; `rows` is how many may be, and then how many more.
bool erase_rows(WriteTransaction& transaction, const Key& segment, std::size_t& rows)
{
    Cursor cursor{transaction, Table::search_terms, segment};
    while (cursor.next()) {
        if (rows == 0) {
            return false;
        }
        cursor.erase();
        --rows;
    }
    return true;
}

} // namespace

std::optional<SearchHead> search_head(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::search_heads, Key{owner});
    BytesReader reader{bytes.value_or(std::string_view{})};
    if (!bytes) {
        return std::nullopt;
    }
    const std::uint8_t version = reader.u8();
    SearchHead head;
    head.indexed = ArchiveId{reader.u64()};
    head.pruned = ArchiveId{reader.u64()};
    if (version != head_version || !reader.complete()) {
        return std::nullopt;
    }
    return head;
}

void put_search_head(WriteTransaction& transaction, std::uint64_t owner, const SearchHead& head)
{
    BytesWriter record;
    record.u8(head_version).u64(number(head.indexed)).u64(number(head.pruned));
    transaction.put(Table::search_heads, Key{owner}, record.bytes());
}

std::optional<std::vector<SearchSegment>>
search_segments(ReadTransaction& transaction, std::uint64_t owner)
{
    std::vector<SearchSegment> segments;
    Cursor cursor{transaction, Table::search_segments, Key{owner}};
    while (cursor.next()) {
        const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
        const auto segment = read_segment(first, cursor.value());
        if (!segment || (!segments.empty() && segments.back().last >= first)) {
            return std::nullopt;
        }
        segments.push_back(*segment);
    }
    return segments;
}

void add_segment(
    WriteTransaction& transaction,
    std::uint64_t owner,
    SearchSegment segment,
    std::span<const Posting> postings)
{
    segment.number = transaction.next_number("segments");
    segment.postings = postings.size();
    BytesWriter record;
    record.u8(segment_version).u64(segment.number).u64(number(segment.last));
    record.varint(segment.entries).varint(segment.postings);
    transaction.put(Table::search_segments, segment_key(owner, segment.first), record.bytes());
    add_terms(transaction, segment.number, postings);
}

bool remove_from_segment(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings)
{
    if (postings.empty()) {
        return true;
    }
    std::optional<SearchSegment> segment;
    {
        Cursor cursor{transaction, Table::search_segments, Key{owner}};
        if (!cursor.seek_back(segment_key(owner, postings.front().id))) {
            return true;
        }
        segment = read_segment(ArchiveId{BytesReader{cursor.key_rest()}.u64()}, cursor.value());
    }
    return segment && remove_terms(transaction, segment->number, postings);
}

bool merge_segments(WriteTransaction& transaction, std::uint64_t owner)
{
    const auto segments = search_segments(transaction, owner);
    if (!segments) {
        return false;
    }
    const auto some = mergeable(*segments);
    return some.empty() || rewrite(transaction, owner, some, ArchiveId::none);
}

bool prune_segments(WriteTransaction& transaction, std::uint64_t owner, ArchiveId bound)
{
    const auto segments = search_segments(transaction, owner);
    if (!segments) {
        return false;
    }
    for (const SearchSegment& segment : *segments) {
        if (segment.last < bound) {
            give_up(transaction, owner, segment);
        } else if (segment.first < bound) {
            return rewrite(transaction, owner, {&segment, 1}, bound);
        }
    }
    return true;
}

bool void_index(WriteTransaction& transaction, std::string_view owner)
{
    const auto id = find_owner(transaction, owner);
    if (!id) {
        return false;
    }
    std::vector<std::string> segments;
    {
        Cursor cursor{transaction, Table::search_segments, Key{*id}};
        while (cursor.next()) {
            segments.emplace_back(cursor.value());
        }
    }
    for (const std::string& record : segments) {
        // A record that cannot be read leaves rows that nobody finds.
        if (const auto segment = read_segment(ArchiveId::none, record)) {
            transaction.put(Table::search_gone, Key{segment->number}, {});
        }
    }
    transaction.erase_all(Table::search_segments, Key{*id});
    transaction.erase(Table::search_heads, Key{*id});
    erase_owner(transaction, owner);
    return true;
}

bool erase_void(WriteTransaction& transaction, std::size_t rows)
{
    while (const auto segment = first_void(transaction)) {
        if (!erase_rows(transaction, *segment, rows)) {
            return true;
        }
        transaction.erase(Table::search_gone, *segment);
    }
    return false;
}

bool prune_is_due(const SearchHead& head, ArchiveId first)
{
    if (first <= head.pruned) {
        return false;
    }
    const std::uint64_t gone = number(first) - number(head.pruned);
    const std::uint64_t kept = head.indexed > first ? number(head.indexed) - number(first) : 0;
    return gone >= (kept + gone) / worth_pruning;
}

std::uint64_t stored_search_format(ReadTransaction& transaction)
{
    return BytesReader{transaction.get(Table::meta, format_row()).value_or("")}.u64();
}

void put_search_format(WriteTransaction& transaction)
{
    BytesWriter value;
    transaction.put(Table::meta, format_row(), value.u64(search_format).bytes());
}

} // namespace sarang::lmdb
