// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_postings.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"

#include <algorithm>
#include <limits>
#include <string>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

ArchiveId id_in(const Cursor& cursor)
{
    return ArchiveId{BytesReader{cursor.key_rest()}.u64()};
}

bool add_term(WriteTransaction& transaction, const Key& term, std::span<const ArchiveId> ids)
{
    Key place = Key{term}.u64(number(ids.front()));
    std::optional<std::string> row;
    {
        Cursor cursor{transaction, Table::search_terms, term};
        if (cursor.seek_back(Key{term}.u64(greatest)) &&
            cursor.value().size() < search_chunk_size) {
            place = Key{}.raw(cursor.key());
            row = extend_search_chunk(cursor.value(), ids);
        } else {
            row = write_search_chunk(ids);
        }
    }
    if (row) {
        transaction.put(Table::search_terms, place, *row);
    }
    return row.has_value();
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

bool remove_posting(WriteTransaction& transaction, std::uint64_t owner, const Posting& posting)
{
    TermRow row;
    row.term = Key{owner}.u64(posting.term);
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

/// One part of a Pruning.
class Shears {
public:
    Shears(WriteTransaction& transaction, Pruning& pruning)
        : transaction_{transaction}
        , pruning_{pruning}
    {}

    bool cut(std::size_t rows)
    {
        {
            Cursor cursor{transaction_, Table::search_terms, Key{pruning_.owner}};
            bool more = cursor.seek(Key{pruning_.owner}.u64(pruning_.term));
            for (; more && sound_ && rows > 0; --rows) {
                more = cut(cursor);
            }
            pruning_.done = !more;
        }
        for (const TermRow& row : changed_) {
            put_back(transaction_, row);
        }
        return sound_;
    }

private:
    // The rows of a term are in order: behind the first one that stays, all do.
    bool cut(Cursor& cursor)
    {
        BytesReader rest{cursor.key_rest()};
        pruning_.term = rest.u64();
        const ArchiveId first{rest.u64()};
        const auto last = last_in_search_chunk(cursor.value());
        sound_ = last.has_value();
        if (!sound_) {
            return false;
        }
        if (*last < pruning_.bound) {
            cursor.erase();
            return cursor.next();
        }
        if (first < pruning_.bound) {
            shorten(cursor, first);
        }
        return pruning_.term < greatest && cursor.seek(Key{pruning_.owner}.u64(++pruning_.term));
    }

    void shorten(const Cursor& cursor, ArchiveId first)
    {
        auto ids = read_search_chunk(first, cursor.value());
        sound_ = ids.has_value();
        if (sound_) {
            ids->erase(ids->begin(), std::ranges::lower_bound(*ids, pruning_.bound));
            changed_.push_back(
                {Key{}.raw(cursor.key()), Key{pruning_.owner}.u64(pruning_.term), std::move(*ids)});
        }
    }

    WriteTransaction& transaction_;
    Pruning& pruning_;
    std::vector<TermRow> changed_; ///< put back when the cursor is done
    bool sound_ = true;
};

} // namespace

bool add_terms(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings)
{
    std::vector<ArchiveId> ids;
    for (std::size_t i = 0; i < postings.size(); ++i) {
        ids.push_back(postings[i].id);
        if (i + 1 == postings.size() || postings[i + 1].term != postings[i].term) {
            if (!add_term(transaction, Key{owner}.u64(postings[i].term), ids)) {
                return false;
            }
            ids.clear();
        }
    }
    return true;
}

bool remove_terms(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const Posting> postings)
{
    return std::ranges::all_of(postings, [&](const Posting& posting) {
        return remove_posting(transaction, owner, posting);
    });
}

bool prune_terms(WriteTransaction& transaction, Pruning& pruning, std::size_t rows)
{
    return Shears{transaction, pruning}.cut(rows);
}

TermWalk::TermWalk(ReadTransaction& transaction, std::uint64_t owner, std::uint64_t term)
    : transaction_{transaction}
    , prefix_{Key{owner}.u64(term)}
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
    std::uint64_t owner,
    std::span<const std::uint64_t> terms,
    bool backwards)
    : backwards_{backwards}
{
    for (const std::uint64_t term : terms) {
        walks_.emplace_back(transaction, owner, term);
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
