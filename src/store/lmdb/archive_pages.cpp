// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_pages.h"

#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_postings.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::size_t page_bytes = 256 * 1024;
constexpr std::size_t messages_found = 16;  // with one message_id; more are of no use to anybody
constexpr std::size_t blocks_of_page = 256; // that are unpacked for it, whatever they have

ArchiveId upper_bound_of(const ArchiveQuery& query)
{
    constexpr ArchiveId greatest{std::numeric_limits<std::uint64_t>::max()};
    return query.before == ArchiveId::none ? greatest : query.before;
}

Key block_key(std::uint64_t owner, ArchiveId first)
{
    return Key{owner}.u64(number(first));
}

ArchiveId first_in(const Cursor& cursor)
{
    return ArchiveId{BytesReader{cursor.key_rest()}.u64()};
}

} // namespace

/// Takes entries that are asked for, in the query's direction, until there are enough.
class ArchiveReader::Page {
public:
    explicit Page(const ArchiveQuery& query)
        : query_{query}
        , before_{upper_bound_of(query)}
    {}

    /// False when no more are wanted.
    bool add(const BlockEntry& entry)
    {
        if (!is_in(entry.id)) {
            return true;
        }
        if (!is_with(entry)) {
            page_.through = entry.id;
            return true;
        }
        bytes_ += entry.stanza.size();
        const bool large = bytes_ > page_bytes && !page_.entries.empty();
        if (page_.entries.size() >= query_.limit || large) {
            page_.complete = false;
            return false;
        }
        page_.entries.push_back(entry_of(entry));
        page_.through = entry.id;
        return true;
    }

    /// To be asked after so many blocks: false when that is enough for one page.
    bool goes_on(std::size_t blocks)
    {
        const bool enough = blocks >= blocks_of_page && page_.through != ArchiveId::none;
        page_.complete = page_.complete && !enough;
        return !enough;
    }

    /// What is still to be looked at, in the query's direction.
    ArchiveQuery rest() const
    {
        ArchiveQuery rest = query_;
        if (page_.through != ArchiveId::none) {
            (query_.backwards ? rest.before : rest.after) = page_.through;
        }
        return rest;
    }

    ArchivePage take()
    {
        if (query_.backwards) {
            std::ranges::reverse(page_.entries);
        }
        return std::move(page_);
    }

private:
    bool is_in(ArchiveId id) const { return id > query_.after && id < before_; }

    bool is_with(const BlockEntry& entry) const
    {
        return (query_.with.empty() || entry.with == query_.with) &&
               (query_.with_resource.empty() || entry.with_resource == query_.with_resource);
    }

    const ArchiveQuery& query_;
    const ArchiveId before_;
    ArchivePage page_;
    std::size_t bytes_ = 0;
};

ArchiveReader::ArchiveReader(
    ReadTransaction& transaction, BlockCodec& codec, std::string_view owner, const TailView& tail)
    : transaction_{transaction}
    , codec_{codec}
    , tail_{tail}
    , owner_{find_owner(transaction, owner).value_or(0)}
{
    if (owner_ != 0) {
        head_ = archive_head(transaction, owner_);
    }
    const auto fresh = std::ranges::upper_bound(tail.entries, head_.folded, {}, &BlockEntry::id);
    tail_from_ = static_cast<std::size_t>(fresh - tail.entries.begin());
}

ArchiveId TailView::last() const
{
    const ArchiveId entry = entries.empty() ? ArchiveId::none : entries.back().id;
    return notes.empty() ? entry : std::max(entry, notes.back().id);
}

std::vector<BlockEntry> ArchiveReader::fresh_for_inbox() const
{
    const auto known = std::ranges::upper_bound(tail_.notes, head_.folded, {}, &BlockEntry::id);
    const auto entries = fresh();
    const auto comes_first = [](const BlockEntry& one, const BlockEntry& other) {
        return one.id < other.id;
    };
    std::vector<BlockEntry> all;
    std::merge(
        entries.begin(),
        entries.end(),
        known,
        tail_.notes.end(),
        std::back_inserter(all),
        comes_first);
    return all;
}

bool ArchiveReader::read_block(ArchiveId first, std::string_view row)
{
    if (block_ && block_first_ == first) {
        return true;
    }
    block_ = Block::read(codec_, first, row);
    block_first_ = first;
    ++blocks_read_;
    if (!block_) {
        transaction_.damaged("a block of an archive, whose entries are left out");
    }
    return block_.has_value();
}

const BlockEntry* ArchiveReader::entry_in_tail(ArchiveId id) const
{
    const auto found = std::ranges::lower_bound(tail_.entries, id, {}, &BlockEntry::id);
    return found != tail_.entries.end() && found->id == id ? &*found : nullptr;
}

const BlockEntry* ArchiveReader::entry(ArchiveId id)
{
    if (id > head_.folded) {
        return entry_in_tail(id);
    }
    const bool here = block_ && block_first_ <= id && block_->entries().back().id >= id;
    if (!here) {
        Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
        if (!cursor.seek_back(block_key(owner_, id)) ||
            !read_block(first_in(cursor), cursor.value())) {
            return nullptr;
        }
    }
    return block_->find(id);
}

ArchivePage ArchiveReader::page(const ArchiveQuery& query)
{
    Page page{query};
    const bool all = query.with.empty();
    if (query.backwards) {
        if (add_tail_backwards(page) && owner_ != 0) {
            all ? add_blocks_backwards(page, query) : add_with_backwards(page, query);
        }
        return page.take();
    }
    if (owner_ == 0 || (all ? add_blocks(page, query) : add_with(page, query))) {
        add_tail(page);
    }
    return page.take();
}

bool ArchiveReader::add_tail(Page& page) const
{
    for (std::size_t i = tail_from_; i < tail_.entries.size(); ++i) {
        if (!page.add(tail_.entries[i])) {
            return false;
        }
    }
    return true;
}

bool ArchiveReader::add_tail_backwards(Page& page) const
{
    for (std::size_t i = tail_.entries.size(); i > tail_from_; --i) {
        if (!page.add(tail_.entries[i - 1])) {
            return false;
        }
    }
    return true;
}

bool ArchiveReader::add_blocks(Page& page, const ArchiveQuery& query)
{
    const ArchiveId before = upper_bound_of(query);
    Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
    const Key from = block_key(owner_, query.after);
    for (bool more = cursor.seek_back(from) || cursor.seek(from); more; more = cursor.next()) {
        if (first_in(cursor) >= before) {
            break;
        }
        if (!page.goes_on(blocks_read_)) {
            return false;
        }
        if (!read_block(first_in(cursor), cursor.value())) {
            continue;
        }
        const auto& entries = block_->entries();
        const ArchiveId least{number(query.after) + 1};
        for (std::size_t i = block_->lower_bound(least); i < entries.size(); ++i) {
            if (!page.add(entries[i])) {
                return false;
            }
        }
    }
    return true;
}

bool ArchiveReader::add_blocks_backwards(Page& page, const ArchiveQuery& query)
{
    const ArchiveId before = upper_bound_of(query);
    Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
    bool more = cursor.seek_back(block_key(owner_, before));
    for (; more; more = cursor.previous()) {
        if (!page.goes_on(blocks_read_)) {
            return false;
        }
        if (!read_block(first_in(cursor), cursor.value())) {
            continue;
        }
        const auto& entries = block_->entries();
        for (std::size_t i = block_->lower_bound(before); i > 0; --i) {
            if (entries[i - 1].id <= query.after) {
                return true;
            }
            if (!page.add(entries[i - 1])) {
                return false;
            }
        }
    }
    return true;
}

bool ArchiveReader::add_with(Page& page, const ArchiveQuery& query)
{
    const ArchiveId before = upper_bound_of(query);
    PostingWalk walk{transaction_, owner_, query.with};
    for (bool more = walk.seek_after(query.after); more; more = walk.next()) {
        if (walk.entry().id >= before) {
            break;
        }
        if (!page.goes_on(blocks_read_)) {
            return false;
        }
        const BlockEntry* found = entry(walk.entry().id);
        if (found != nullptr && !page.add(*found)) {
            return false;
        }
    }
    return !walk.broken() || add_blocks(page, page.rest());
}

bool ArchiveReader::add_with_backwards(Page& page, const ArchiveQuery& query)
{
    PostingWalk walk{transaction_, owner_, query.with};
    bool more = walk.seek_before(upper_bound_of(query));
    for (; more && walk.entry().id > query.after; more = walk.previous()) {
        if (!page.goes_on(blocks_read_)) {
            return false;
        }
        const BlockEntry* found = entry(walk.entry().id);
        if (found != nullptr && !page.add(*found)) {
            return false;
        }
    }
    return !walk.broken() || add_blocks_backwards(page, page.rest());
}

std::vector<ArchiveEntry> ArchiveReader::find(std::vector<ArchiveId> ids)
{
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<ArchiveEntry> entries;
    for (const ArchiveId id : ids) {
        if (const BlockEntry* found = entry(id)) {
            entries.push_back(entry_of(*found));
        }
    }
    return entries;
}

ArchiveExtent ArchiveReader::extent()
{
    const std::size_t fresh = tail_.entries.size() - tail_from_;
    ArchiveExtent extent{head_.first, head_.last, head_.count + fresh};
    if (fresh > 0) {
        extent.last = tail_.entries.back().id;
        extent.first = head_.count > 0 ? head_.first : tail_.entries[tail_from_].id;
    }
    return extent;
}

std::vector<ArchiveEntry>
ArchiveReader::find_message(std::string_view with, std::string_view message_id)
{
    std::vector<ArchiveEntry> entries;
    const auto add = [&entries, with, message_id](const BlockEntry& entry) {
        if (entry.with == with && entry.message_id == message_id) {
            entries.push_back(entry_of(entry));
        }
        return entries.size() < messages_found;
    };
    bool more = true;
    for (std::size_t i = tail_.entries.size(); more && i > tail_from_; --i) {
        more = add(tail_.entries[i - 1]);
    }
    if (owner_ == 0) {
        return entries;
    }
    const std::uint16_t mark = chunk_mark(message_id);
    PostingWalk walk{transaction_, owner_, with};
    more = more && walk.seek_before(ArchiveId{std::numeric_limits<std::uint64_t>::max()});
    while (more) {
        const BlockEntry* found = walk.entry().mark == mark ? entry(walk.entry().id) : nullptr;
        more = (found == nullptr || add(*found)) && walk.previous();
    }
    if (walk.broken()) {
        entries.clear();
        find_in_blocks(add);
    }
    return entries;
}

// All of them, the newest first, where the way to those that are wanted is damaged.
template <class Add>
void ArchiveReader::find_in_blocks(const Add& add)
{
    bool more = true;
    for (std::size_t i = tail_.entries.size(); more && i > tail_from_; --i) {
        more = add(tail_.entries[i - 1]);
    }
    Cursor cursor{transaction_, Table::archive_blocks, Key{owner_}};
    const Key last = block_key(owner_, ArchiveId{std::numeric_limits<std::uint64_t>::max()});
    for (bool block = cursor.seek_back(last); more && block; block = cursor.previous()) {
        if (!read_block(first_in(cursor), cursor.value())) {
            continue;
        }
        const auto& entries = block_->entries();
        for (std::size_t i = entries.size(); more && i > 0; --i) {
            more = add(entries[i - 1]);
        }
    }
}

std::vector<ArchiveEntry>
ArchiveReader::find_references(std::string_view message_id, std::size_t limit)
{
    std::vector<ArchiveEntry> entries;
    const auto add = [&entries, message_id, limit](const BlockEntry* entry) {
        if (entry != nullptr && entry->refers_to == message_id && entries.size() < limit) {
            entries.push_back(entry_of(*entry));
        }
    };
    if (message_id.empty()) {
        return entries;
    }
    for (const ArchiveId id : references_to(transaction_, owner_, message_id, limit)) {
        add(entry(id));
    }
    for (std::size_t i = tail_from_; i < tail_.entries.size(); ++i) {
        add(&tail_.entries[i]);
    }
    return entries;
}

} // namespace sarang::lmdb
