// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_postings.h"

#include "base/bytes.h"

#include <algorithm>
#include <limits>
#include <list>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

std::uint64_t number(ArchiveId id)
{
    return static_cast<std::uint64_t>(id);
}

ArchiveId id_in(const Cursor& cursor)
{
    return ArchiveId{BytesReader{cursor.key_rest()}.u64()};
}

void add_term(WriteTransaction& transaction, const Key& term, std::span<const ArchiveId> ids)
{
    Key place = Key{term}.u64(number(ids.front()));
    std::string row;
    {
        Cursor cursor{transaction, Table::search_terms, term};
        if (cursor.seek_back(Key{term}.u64(greatest)) &&
            cursor.value().size() < search_chunk_size) {
            place = Key{}.raw(cursor.key());
            row = extend_search_chunk(cursor.value(), ids);
        }
    }
    transaction.put(Table::search_terms, place, row.empty() ? write_search_chunk(ids) : row);
}

/// The terms' walks take turns: each goes on to where the others cannot be before.
class Intersection {
public:
    Intersection(ReadTransaction& transaction, std::uint64_t owner, const TermQuery& query)
        : backwards_{query.backwards}
    {
        for (const std::uint64_t term : query.terms) {
            walks_.emplace_back(transaction, owner, term);
        }
    }

    /// The next one that all have, at `from` or beyond it.
    std::optional<ArchiveId> next(ArchiveId from)
    {
        std::size_t agreed = 0;
        while (agreed < walks_.size()) {
            for (TermWalk& walk : walks_) {
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

private:
    bool backwards_;
    std::list<TermWalk> walks_; // a walk does not move
};

} // namespace

void add_terms(WriteTransaction& transaction, std::uint64_t owner, const TermIds& terms)
{
    for (const auto& [term, ids] : terms) {
        add_term(transaction, Key{owner}.u64(term), ids);
    }
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

std::vector<ArchiveId>
find_terms(ReadTransaction& transaction, std::uint64_t owner, const TermQuery& query)
{
    std::vector<ArchiveId> ids;
    Intersection intersection{transaction, owner, query};
    const std::uint64_t last =
        query.before == ArchiveId::none ? greatest : number(query.before) - 1;
    std::uint64_t from = query.backwards ? last : number(query.after) + 1;
    while (ids.size() < query.limit) {
        const auto found = intersection.next(ArchiveId{from});
        if (!found || number(*found) <= number(query.after) || number(*found) > last) {
            break;
        }
        ids.push_back(*found);
        from = query.backwards ? number(*found) - 1 : number(*found) + 1;
    }
    return ids;
}

} // namespace sarang::lmdb
