// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_inbox_row.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_ids.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t row_version = 1;
constexpr std::size_t smallest_message = 5;

std::uint32_t mark_of(std::string_view message_id)
{
    return static_cast<std::uint32_t>(frozen_hash(message_id));
}

void drop_through(std::vector<InboxMessage>& messages, ArchiveId id)
{
    const auto end = std::ranges::upper_bound(messages, id, {}, &InboxMessage::id);
    messages.erase(messages.begin(), end);
}

// The last one that a marker may mean.
std::optional<ArchiveId>
find_marked(const std::vector<InboxMessage>& messages, std::string_view message_id)
{
    const std::uint32_t mark = mark_of(message_id);
    const auto same = [mark](const InboxMessage& message) { return message.mark == mark; };
    const auto found = std::find_if(messages.rbegin(), messages.rend(), same);
    const bool any = !message_id.empty() && found != messages.rend();
    return any ? std::optional{found->id} : std::nullopt;
}

// The messages, and then which of them are mentions, each by its distance from the one before.
void write(BytesWriter& out, const std::vector<InboxMessage>& messages)
{
    out.varint(messages.size());
    ArchiveId last = ArchiveId::none;
    for (const InboxMessage& message : messages) {
        out.varint(number(message.id) - number(last)).u32(message.mark);
        last = message.id;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i].mention) {
            out.varint(i + 1 - at);
            at = i + 1;
        }
    }
    out.varint(0);
}

bool read_messages(BytesReader& in, std::vector<InboxMessage>& messages)
{
    const std::size_t count = in.count(smallest_message);
    messages.reserve(count);
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        const std::uint64_t step = in.varint();
        if (step == 0 || step > ~id) {
            return false;
        }
        id += step;
        messages.push_back({ArchiveId{id}, in.u32(), false});
    }
    std::uint64_t at = 0;
    for (std::uint64_t step = in.varint(); step > 0; step = in.varint()) {
        if (step > messages.size() - at) {
            return false;
        }
        at += step;
        messages[at - 1].mention = true;
    }
    return in.ok();
}

} // namespace

std::optional<InboxRow> InboxRow::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == row_version;
    InboxRow row{in.string()};
    for (ArchiveId* id : {&row.message_, &row.last_, &row.read_, &row.seen_, &row.beyond_}) {
        *id = ArchiveId{in.u64()};
    }
    const bool whole = known && read_messages(in, row.unread_) && read_messages(in, row.unseen_);
    return whole && in.complete() && row.sound() ? std::optional{std::move(row)} : std::nullopt;
}

// What is not read follows what is, and nothing follows the last entry.
bool InboxRow::sound() const
{
    const auto within = [this](const std::vector<InboxMessage>& messages, ArchiveId start) {
        return messages.empty() || (messages.front().id > start && messages.back().id <= last_);
    };
    return within(unread_, std::max(read_, beyond_)) && within(unseen_, seen_) &&
           std::max(message_, beyond_) <= last_;
}

std::string InboxRow::encode() const
{
    BytesWriter out;
    out.u8(row_version).string(with_);
    for (const ArchiveId id : {message_, last_, read_, seen_, beyond_}) {
        out.u64(number(id));
    }
    write(out, unread_);
    write(out, unseen_);
    return out.take();
}

void InboxRow::add(const BlockEntry& entry)
{
    last_ = entry.id;
    switch (entry.role) {
    case EntryRole::none:
        return;
    case EntryRole::sent:
        message_ = entry.id;
        read_through(entry.id);
        return add_unseen({entry.id, mark_of(entry.message_id), false});
    case EntryRole::received:
    case EntryRole::mention:
        message_ = entry.id;
        return add_unread({entry.id, mark_of(entry.message_id), entry.role == EntryRole::mention});
    case EntryRole::displayed:
        return displayed(entry.refers_to);
    case EntryRole::seen:
        return seen(entry.refers_to);
    }
}

void InboxRow::add_unread(const InboxMessage& message)
{
    if (message.id <= read_) {
        return; // he said so before it was folded
    }
    unread_.push_back(message);
    if (unread_.size() > Conversation::most_unread) {
        beyond_ = unread_.front().id;
        unread_.erase(unread_.begin());
    }
}

void InboxRow::add_unseen(const InboxMessage& message)
{
    unseen_.push_back(message);
    if (unseen_.size() > Conversation::most_unseen) {
        unseen_.erase(unseen_.begin());
    }
}

void InboxRow::displayed(std::string_view message_id)
{
    if (const auto id = find_marked(unread_, message_id)) {
        read_through(*id);
    }
}

void InboxRow::seen(std::string_view message_id)
{
    if (const auto id = find_marked(unseen_, message_id)) {
        seen_ = *id;
        drop_through(unseen_, *id);
    }
}

void InboxRow::read_through(ArchiveId id)
{
    if (id > read_) {
        read_ = id;
        drop_through(unread_, id);
    }
}

void InboxRow::forget(ArchiveId id)
{
    std::erase_if(unread_, [id](const InboxMessage& message) { return message.id == id; });
}

void InboxRow::remove_through(ArchiveId id)
{
    drop_through(unread_, id);
    drop_through(unseen_, id);
    if (beyond_ <= id) {
        beyond_ = ArchiveId::none;
    }
    if (message_ <= id) {
        message_ = ArchiveId::none;
    }
}

std::size_t InboxRow::mentions() const
{
    return static_cast<std::size_t>(std::ranges::count(unread_, true, &InboxMessage::mention));
}

Conversation InboxRow::conversation() const
{
    Conversation told;
    told.with = with_;
    told.message = message_;
    told.last = last_;
    told.read = read_;
    told.seen = seen_;
    told.unread = unread_.size();
    told.mentions = mentions();
    told.more = beyond_ > read_;
    return told;
}

} // namespace sarang::lmdb
