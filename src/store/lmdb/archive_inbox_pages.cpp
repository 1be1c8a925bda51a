// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_inbox_pages.h"

#include "store/lmdb/archive_pages.h"

#include <algorithm>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::size_t page_bytes = 256 * 1024;

} // namespace

InboxReader::InboxReader(
    ReadTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> fresh)
    : transaction_{transaction}
    , owner_{owner}
{
    if (owner != 0) {
        totals_ = inbox_totals(transaction, owner);
    }
    for (const BlockEntry& entry : fresh) {
        change(entry);
    }
}

void InboxReader::change(const BlockEntry& entry)
{
    auto place = changed_.find(entry.with);
    if (place == changed_.end()) {
        auto row = owner_ == 0 ? std::nullopt : find_inbox_row(transaction_, owner_, entry.with);
        place = changed_.emplace(entry.with, row ? std::move(*row) : InboxRow{entry.with}).first;
    }
    // What is empty stays: it may be what is folded that has gone.
    const InboxRow before = place->second;
    place->second.add(entry);
    replace_in_totals(totals_, &before, &place->second);
}

std::optional<InboxRow> InboxReader::find(std::string_view with)
{
    if (const auto changed = changed_.find(with); changed != changed_.end()) {
        return changed->second.empty() ? std::nullopt : std::optional{changed->second};
    }
    return owner_ == 0 ? std::nullopt : find_inbox_row(transaction_, owner_, with);
}

InboxReader::Walk::Walk(InboxReader& reader, const InboxQuery& query)
    : reader_{reader}
    , query_{query}
    , walk_{reader.transaction_, reader.owner_, query.unread_only}
{
    choose_changed();
    begin_folded();
}

bool InboxReader::Walk::within(ArchiveId message) const
{
    return message > query_.above && (query_.below == ArchiveId::none || message < query_.below);
}

void InboxReader::Walk::choose_changed()
{
    for (const auto& [with, row] : reader_.changed_) {
        if (!row.empty() && within(row.message()) && (!query_.unread_only || row.unread() > 0)) {
            changed_.push_back(&row);
        }
    }
    std::ranges::sort(changed_, [this](const InboxRow* row, const InboxRow* other) {
        return comes_first(*row, *other);
    });
}

void InboxReader::Walk::begin_folded()
{
    more_ = reader_.owner_ != 0 &&
            (query_.backwards ? walk_.seek_above(query_.above) : walk_.seek_below(query_.below));
    find_folded();
}

bool InboxReader::Walk::step()
{
    return query_.backwards ? walk_.next() : walk_.previous();
}

// The next one that the tail has not changed.
void InboxReader::Walk::find_folded()
{
    folded_.reset();
    while (more_ && within(walk_.message())) {
        folded_ = walk_.row();
        if (folded_ && !reader_.changed_.contains(folded_->with())) {
            return;
        }
        folded_.reset();
        more_ = step();
    }
}

bool InboxReader::Walk::comes_first(const InboxRow& row, const InboxRow& other) const
{
    return query_.backwards ? row.message() < other.message() : row.message() > other.message();
}

std::optional<InboxRow> InboxReader::Walk::next()
{
    const InboxRow* changed = at_ < changed_.size() ? changed_[at_] : nullptr;
    if (changed != nullptr && (!folded_ || comes_first(*changed, *folded_))) {
        ++at_;
        return *changed;
    }
    auto row = std::exchange(folded_, std::nullopt);
    if (row) {
        more_ = step();
        find_folded();
    }
    return row;
}

InboxPage ArchiveReader::inbox(const InboxQuery& query)
{
    const std::vector<BlockEntry> fresh = fresh_for_inbox();
    InboxReader reader{transaction_, owner_, fresh};
    InboxPage page;
    page.totals = reader.totals();
    InboxReader::Walk walk{reader, query};
    std::size_t bytes = 0;
    while (const auto row = walk.next()) {
        if (page.conversations.size() >= query.limit || bytes > page_bytes) {
            page.complete = false;
            break;
        }
        Conversation& told = page.conversations.emplace_back(row->conversation());
        const bool here = query.entries && !row->of_room();
        const BlockEntry* message = here ? entry(told.message) : nullptr;
        if (message != nullptr) {
            told.entry = entry_of(*message);
            bytes += message->stanza.size();
        }
    }
    if (query.backwards) {
        std::ranges::reverse(page.conversations);
    }
    return page;
}

std::optional<Conversation> ArchiveReader::conversation(std::string_view with)
{
    const std::vector<BlockEntry> fresh = fresh_for_inbox();
    const auto row = InboxReader{transaction_, owner_, fresh}.find(with);
    return row ? std::optional{row->conversation()} : std::nullopt;
}

} // namespace sarang::lmdb
