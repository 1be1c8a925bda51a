// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_postings.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"

#include <algorithm>
#include <string>

namespace sarang::lmdb {
namespace {

ArchiveId id_in(const Cursor& cursor)
{
    return ArchiveId{BytesReader{cursor.key_rest()}.u64()};
}

void add_term(WriteTransaction& transaction, const Key& term, std::span<const ArchiveId> ids)
{
    while (!ids.empty()) {
        const auto some = ids.first(std::min(ids.size(), search_chunk_ids));
        const Key key = Key{term}.u64(number(some.front()));
        transaction.put(Table::search_terms, key, write_search_chunk(some));
        ids = ids.subspan(some.size());
    }
}

/// A row as it was, to be changed.
struct TermRow {
    Key key;
    Key term; ///< how the key begins
    std::vector<ArchiveId> ids;
};

void put_back(WriteTransaction& transaction, const TermRow& row)
{
    transaction.erase(Table::search_terms, row.key);
    if (!row.ids.empty()) {
        const Key key = Key{row.term}.u64(number(row.ids.front()));
        transaction.put(Table::search_terms, key, write_search_chunk(row.ids));
    }
}

bool remove_posting(WriteTransaction& transaction, std::uint64_t segment, const Posting& posting)
{
    TermRow row;
    row.term = Key{segment}.u64(posting.term);
    {
        Cursor cursor{transaction, Table::search_terms, row.term};
        if (!cursor.seek_back(Key{row.term}.u64(number(posting.id)))) {
            return true;
        }
        row.key.raw(cursor.key());
        auto ids = read_search_chunk(id_in(cursor), cursor.value());
        if (!ids) {
            return false;
        }
        row.ids = std::move(*ids);
    }
    if (std::erase(row.ids, posting.id) > 0) {
        put_back(transaction, row);
    }
    return true;
}

} // namespace

void add_terms(
    WriteTransaction& transaction, std::uint64_t segment, std::span<const Posting> postings)
{
    std::vector<ArchiveId> ids;
    for (std::size_t i = 0; i < postings.size(); ++i) {
        ids.push_back(postings[i].id);
        if (i + 1 == postings.size() || postings[i + 1].term != postings[i].term) {
            add_term(transaction, Key{segment}.u64(postings[i].term), ids);
            ids.clear();
        }
    }
}

bool remove_terms(
    WriteTransaction& transaction, std::uint64_t segment, std::span<const Posting> postings)
{
    return std::ranges::all_of(postings, [&](const Posting& posting) {
        return remove_posting(transaction, segment, posting);
    });
}

bool read_terms(ReadTransaction& transaction, std::uint64_t segment, std::vector<Posting>& postings)
{
    Cursor cursor{transaction, Table::search_terms, Key{segment}};
    while (cursor.next()) {
        BytesReader rest{cursor.key_rest()};
        const std::uint64_t term = rest.u64();
        const auto ids = read_search_chunk(ArchiveId{rest.u64()}, cursor.value());
        if (!ids) {
            return false;
        }
        for (const ArchiveId id : *ids) {
            postings.push_back({term, id});
        }
    }
    return true;
}

TermWalk::TermWalk(ReadTransaction& transaction, std::uint64_t segment, std::uint64_t term)
    : transaction_{transaction}
    , prefix_{Key{segment}.u64(term)}
    , cursor_{transaction, Table::search_terms, prefix_}
{}

std::optional<ArchiveId> TermWalk::at_or_after(ArchiveId id)
{
    const bool here = !chunk_.empty() && chunk_.front() <= id && id <= chunk_.back();
    if (!here) {
        const Key key = Key{prefix_}.u64(number(id));
        if ((!cursor_.seek_back(key) && !cursor_.seek(key)) || !read()) {
            return std::nullopt;
        }
    }
    const auto found = std::ranges::lower_bound(chunk_, id);
    if (found != chunk_.end()) {
        return *found;
    }
    return cursor_.next() && read() ? std::optional{chunk_.front()} : std::nullopt;
}

std::optional<ArchiveId> TermWalk::at_or_before(ArchiveId id)
{
    const bool here = !chunk_.empty() && chunk_.front() <= id && id <= chunk_.back();
    if (!here && (!cursor_.seek_back(Key{prefix_}.u64(number(id))) || !read())) {
        return std::nullopt;
    }
    return *std::prev(std::ranges::upper_bound(chunk_, id)); // the chunk begins at or below it
}

bool TermWalk::read()
{
    auto chunk = read_search_chunk(id_in(cursor_), cursor_.value());
    if (!chunk) {
        transaction_.corrupt();
        chunk_.clear();
        return false;
    }
    chunk_ = std::move(*chunk);
    return true;
}

Intersection::Intersection(
    ReadTransaction& transaction,
    std::uint64_t segment,
    std::span<const std::uint64_t> terms,
    bool backwards)
    : backwards_{backwards}
{
    for (const std::uint64_t term : terms) {
        walks_.emplace_back(transaction, segment, term);
    }
}

std::optional<ArchiveId> Intersection::next(ArchiveId from, std::size_t& steps)
{
    std::size_t agreed = 0;
    while (agreed < walks_.size()) {
        for (TermWalk& walk : walks_) {
            reached_ = from;
            if (steps == 0) {
                return std::nullopt;
            }
            --steps;
            const auto found = backwards_ ? walk.at_or_before(from) : walk.at_or_after(from);
            if (!found) {
                return std::nullopt;
            }
            agreed = *found == from ? agreed + 1 : 1;
            from = *found;
            if (agreed >= walks_.size()) {
                break;
            }
        }
    }
    return from;
}

} // namespace sarang::lmdb
