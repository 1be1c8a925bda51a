// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_page.h"

#include "base/hash.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/search_index.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
// A page looks at so many entries, and takes so many steps from id to id in the index, at the most.
constexpr std::size_t most_looks = 1024;
constexpr std::size_t most_steps = 65'536;
constexpr std::size_t page_bytes = 256 * 1024;
constexpr std::size_t scanned_at_once = 64;

ArchiveId after(ArchiveId id)
{
    return ArchiveId{number(id) + 1};
}

ArchiveId before(ArchiveId id)
{
    return ArchiveId{number(id) - 1};
}

} // namespace

SearchPage::SearchPage(ArchiveQuery query, std::string_view words, SearchedText text)
    : query_{std::move(query)}
    , text_{text}
    , request_{words_.request(words)}
    , steps_{most_steps}
    , looks_{most_looks}
{
    for (const std::string& term : request_.terms) {
        terms_.push_back(frozen_hash(term));
    }
    if (query_.before == ArchiveId::none) {
        query_.before = ArchiveId{greatest};
    }
}

// What the archive has no more may still be in the index.
bool SearchPage::narrow(ArchiveReader& archive)
{
    const ArchiveExtent extent = archive.extent();
    if (extent.entries == 0) {
        return false;
    }
    query_.after = std::max(query_.after, before(extent.first));
    return query_.after < query_.before;
}

void SearchPage::find(ArchiveReader& archive, ReadTransaction& index)
{
    if (!narrow(archive)) {
        return;
    }
    const auto owner = find_owner(index, query_.owner);
    const auto head = owner ? search_head(index, *owner) : std::nullopt;
    indexed_ = head.value_or(SearchHead{}).indexed;
    End last = End::exhausted;
    if (query_.backwards) {
        last = look_at_all(archive);
    }
    if (last == End::exhausted && indexed_ > query_.after) {
        last = look_up(archive, index, *owner);
    }
    if (!query_.backwards && last == End::exhausted) {
        last = look_at_all(archive);
    }
    end(archive, last);
}

void SearchPage::scan(ArchiveReader& archive)
{
    indexed_ = ArchiveId::none;
    if (narrow(archive)) {
        end(archive, look_at_all(archive));
    }
}

void SearchPage::end(ArchiveReader& archive, End end)
{
    page_.complete = end == End::exhausted;
    if (end == End::given_up) {
        page_.through = place_before(archive, next_);
    }
}

// The next entry that is there, on the far side of one, or up to where there is none.
std::optional<ArchiveId> SearchPage::place_behind(ArchiveReader& archive, ArchiveId id) const
{
    ArchiveQuery query{query_.owner};
    query.after = query_.backwards ? query_.after : id;
    query.before = query_.backwards ? id : query_.before;
    query.backwards = query_.backwards;
    query.limit = 1;
    const ArchivePage page = archive.page(query);
    if (page.entries.empty()) {
        return page.complete ? std::nullopt : std::optional{page.through};
    }
    return page.entries.front().id;
}

// An entry that is there, on the near side of one: all up to it was looked at.
ArchiveId SearchPage::place_before(ArchiveReader& archive, ArchiveId id) const
{
    ArchiveQuery query{query_.owner};
    query.after = query_.backwards ? id : query_.after;
    query.before = query_.backwards ? query_.before : id;
    query.backwards = !query_.backwards;
    query.limit = 1;
    const ArchivePage page = archive.page(query);
    return page.entries.empty() ? id : page.entries.front().id;
}

SearchPage::End
SearchPage::look_up(ArchiveReader& archive, ReadTransaction& index, std::uint64_t owner)
{
    auto segments = search_segments(index, owner);
    if (!segments) {
        index.corrupt();
        return End::exhausted;
    }
    if (query_.backwards) {
        std::ranges::reverse(*segments);
    }
    for (const SearchSegment& segment : *segments) {
        const End end = look_up(archive, index, segment);
        if (end != End::exhausted) {
            return end;
        }
    }
    return End::exhausted;
}

SearchPage::End
SearchPage::look_up(ArchiveReader& archive, ReadTransaction& index, const SearchSegment& segment)
{
    const ArchiveId first = std::max(segment.first, after(query_.after));
    const ArchiveId last = std::min(segment.last, before(query_.before));
    if (first > last) {
        return End::exhausted;
    }
    Intersection all{index, segment.number, terms_, query_.backwards};
    ArchiveId from = query_.backwards ? last : first;
    while (const auto found = all.next(from, steps_)) {
        if (*found < first || *found > last) {
            return End::exhausted;
        }
        next_ = *found;
        if (looks_ == 0) {
            return End::given_up;
        }
        const BlockEntry* const entry = archive.entry(*found);
        if (entry == nullptr) { // it is lost, and others about it may be
            const auto there = place_behind(archive, *found);
            if (!there) {
                return End::exhausted;
            }
            from = *there;
            continue;
        }
        --looks_;
        if (fits(*entry) && !room_for(*entry)) {
            return End::full;
        }
        from = query_.backwards ? before(*found) : after(*found);
    }
    next_ = all.reached();
    return steps_ == 0 ? End::given_up : End::exhausted;
}

SearchPage::End SearchPage::look_at_all(ArchiveReader& archive)
{
    ArchiveQuery query = query_;
    query.with.clear(); // so that an incomplete page has entries, which are counted
    query.with_resource.clear();
    query.after = std::max(query.after, indexed_);
    query.limit = scanned_at_once;
    if (query.after >= query.before) {
        return End::exhausted;
    }
    for (;;) {
        const ArchivePage page = archive.page(query);
        const End last = look_at(page);
        if (page.entries.empty() && !page.complete) { // what was there is damaged
            next_ = page.through;
            behind_ = true;
            return End::given_up;
        }
        if (last != End::exhausted || page.complete) {
            behind_ = last == End::given_up;
            return last;
        }
        query.after = query.backwards ? query.after : page.entries.back().id;
        query.before = query.backwards ? page.entries.front().id : query.before;
    }
}

SearchPage::End SearchPage::look_at(const ArchivePage& page)
{
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
        const ArchiveEntry& found =
            query_.backwards ? page.entries[page.entries.size() - 1 - i] : page.entries[i];
        next_ = found.id;
        if (looks_ == 0) {
            return End::given_up;
        }
        --looks_;
        BlockEntry entry;
        entry.id = found.id;
        entry.with = found.with;
        entry.with_resource = found.with_resource;
        entry.stanza = found.stanza;
        if (fits(entry) && !room_for(entry)) {
            return End::full;
        }
    }
    return End::exhausted;
}

bool SearchPage::room_for(const BlockEntry& entry)
{
    bytes_ += entry.stanza.size();
    const bool large = bytes_ > page_bytes && !page_.entries.empty();
    if (page_.entries.size() >= query_.limit || large) {
        return false;
    }
    page_.entries.push_back(entry_of(entry));
    return true;
}

bool SearchPage::fits(const BlockEntry& entry)
{
    return (query_.with.empty() || query_.with == entry.with) &&
           (query_.with_resource.empty() || query_.with_resource == entry.with_resource) &&
           words_.matches(request_, text_(entry.stanza));
}

ArchivePage SearchPage::take() &&
{
    if (query_.backwards) {
        std::ranges::reverse(page_.entries);
    }
    return std::move(page_);
}

} // namespace sarang::lmdb
