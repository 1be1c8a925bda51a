// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_inbox_row.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/pen.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t row_version = 1;
constexpr std::uint8_t room_version = 2;
constexpr std::size_t smallest_message = 5;
constexpr std::size_t largest_message = Pen::longest_varint + 4;

std::uint32_t mark_of(std::string_view message_id)
{
    return static_cast<std::uint32_t>(frozen_hash(message_id));
}

// The last one that a marker may mean.
std::optional<ArchiveId> find_marked(const InboxMessages& messages, std::string_view message_id)
{
    if (message_id.empty()) {
        return std::nullopt;
    }
    const std::uint32_t mark = mark_of(message_id);
    for (const InboxMessage* at = messages.end(); at != messages.begin();) {
        if ((--at)->mark == mark) {
            return at->id;
        }
    }
    return std::nullopt;
}

// The messages, and then which of them are mentions, each by its distance from the one before.
void write(BytesWriter& out, const InboxMessages& messages)
{
    std::string rows(messages.size() * largest_message, '\0');
    Pen pen{rows.data()};
    ArchiveId last = ArchiveId::none;
    for (const InboxMessage& message : messages) {
        pen.varint(number(message.id) - number(last)).u32(message.mark);
        last = message.id;
    }
    rows.resize(static_cast<std::size_t>(pen.at() - rows.data()));
    out.varint(messages.size()).raw(rows);
    std::size_t place = 0;
    std::size_t before = 0;
    for (const InboxMessage& message : messages) {
        ++place;
        if (message.mention) {
            out.varint(place - before);
            before = place;
        }
    }
    out.varint(0);
}

bool read_mentions(BytesReader& in, InboxMessages& messages)
{
    std::uint64_t at = 0;
    for (std::uint64_t step = in.varint(); step > 0; step = in.varint()) {
        if (step > messages.size() - at) {
            return false;
        }
        at += step;
        messages.note_mention(at - 1);
    }
    return in.ok();
}

// A varint that BytesReader would take; false for any other. Rows of a thousand messages are read
// again and again.
bool read_varint(const char*& at, const char* end, std::uint64_t& value)
{
    constexpr unsigned last_shift = 63;
    value = 0;
    for (unsigned shift = 0; at != end && shift <= last_shift; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return (byte != 0 || shift == 0) && (shift < last_shift || byte == 1);
        }
    }
    return false;
}

std::uint32_t read_mark(const char*& at)
{
    std::uint32_t mark = 0;
    for (int i = 0; i < 4; ++i) {
        mark = mark << 8U | static_cast<unsigned char>(*at++);
    }
    return mark;
}

bool read_messages(BytesReader& in, InboxMessages& messages)
{
    const std::size_t count = in.count(smallest_message);
    const std::string_view rest = in.rest();
    const char* at = rest.data();
    const char* const end = at + rest.size();
    messages.reserve(count);
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t step = 0;
        if (!read_varint(at, end, step) || end - at < 4 || step == 0 || step > ~id) {
            return false;
        }
        id += step;
        messages.add({ArchiveId{id}, read_mark(at), false});
    }
    in.raw(static_cast<std::size_t>(at - rest.data()));
    return in.ok() && read_mentions(in, messages);
}

} // namespace

void InboxMessages::drop(std::size_t count)
{
    gone_ += count;
    if (2 * gone_ > list_.size()) {
        list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(gone_));
        gone_ = 0;
    }
}

void InboxMessages::drop_through(ArchiveId id)
{
    const auto left = std::ranges::upper_bound(*this, id, {}, &InboxMessage::id);
    drop(static_cast<std::size_t>(left - begin()));
}

void InboxMessages::forget(ArchiveId id)
{
    const auto found = std::ranges::lower_bound(*this, id, {}, &InboxMessage::id);
    if (found != end() && found->id == id) {
        list_.erase(list_.begin() + (found - list_.data()));
    }
}

std::optional<InboxRow> InboxRow::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const std::uint8_t version = in.u8();
    const bool known = version == row_version || version == room_version;
    InboxRow row{in.string()};
    for (ArchiveId* id : {&row.message_, &row.last_, &row.read_, &row.seen_, &row.beyond_}) {
        *id = ArchiveId{in.u64()};
    }
    const bool whole = known && read_messages(in, row.unread_) && read_messages(in, row.unseen_);
    if (version == room_version) {
        row.room_message_ = in.string();
        row.room_read_ = in.string();
    }
    const bool sound =
        whole && in.complete() && row.sound() && row.of_room() == (version == room_version);
    return sound ? std::optional{std::move(row)} : std::nullopt;
}

// What is not read follows what is, and nothing follows the last entry.
bool InboxRow::sound() const
{
    const auto within = [this](const InboxMessages& messages, ArchiveId start) {
        return messages.empty() || (messages.front().id > start && messages.back().id <= last_);
    };
    return within(unread_, std::max(read_, beyond_)) && within(unseen_, seen_) &&
           std::max(message_, beyond_) <= last_;
}

std::string InboxRow::encode() const
{
    BytesWriter out;
    out.u8(of_room() ? room_version : row_version).string(with_);
    for (const ArchiveId id : {message_, last_, read_, seen_, beyond_}) {
        out.u64(number(id));
    }
    write(out, unread_);
    write(out, unseen_);
    if (of_room()) {
        out.string(room_message_).string(room_read_);
    }
    return out.take();
}

void InboxRow::add(const BlockEntry& entry)
{
    if (entry.id <= last_) {
        return; // a journal whose owner's head was damaged is gone through once more
    }
    last_ = entry.id;
    switch (entry.role) {
    case EntryRole::none:
        return;
    case EntryRole::sent:
        message_ = entry.id;
        room_message_.clear();
        read_through(entry.id);
        return add_unseen({entry.id, mark_of(entry.message_id), false});
    case EntryRole::received:
    case EntryRole::mention:
        message_ = entry.id;
        room_message_.clear(); // such as an invitation
        return add_unread({entry.id, mark_of(entry.message_id), entry.role == EntryRole::mention});
    case EntryRole::displayed:
        return displayed(entry.refers_to);
    case EntryRole::seen:
        return seen(entry.refers_to);
    default:
        return add_note(entry);
    }
}

void InboxRow::add_note(const BlockEntry& note)
{
    switch (note.role) {
    case EntryRole::room_sent:
        message_ = note.id;
        room_message_ = note.message_id;
        room_read_ = note.message_id;
        return read_through(note.id);
    case EntryRole::room_received:
    case EntryRole::room_mention:
        message_ = note.id;
        room_message_ = note.message_id;
        return add_unread(
            {note.id, mark_of(note.message_id), note.role == EntryRole::room_mention});
    case EntryRole::room_displayed:
        if (const auto id = find_marked(unread_, note.refers_to)) {
            room_read_ = note.refers_to;
            read_through(*id);
        }
        return;
    case EntryRole::room_retracted:
        if (const auto id = find_marked(unread_, note.refers_to)) {
            unread_.forget(*id);
        }
        return;
    default:
        *this = InboxRow{std::string{with_}};
        last_ = note.id;
    }
}

void InboxRow::add_unread(const InboxMessage& message)
{
    if (message.id <= read_) {
        return; // he said so before it was folded
    }
    unread_.add(message);
    if (unread_.size() > Conversation::most_unread) {
        beyond_ = unread_.front().id;
        unread_.drop_first();
    }
}

void InboxRow::add_unseen(const InboxMessage& message)
{
    unseen_.add(message);
    if (unseen_.size() > Conversation::most_unseen) {
        unseen_.drop_first();
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
        unseen_.drop_through(*id);
    }
}

void InboxRow::read_through(ArchiveId id)
{
    if (id > read_) {
        read_ = id;
        unread_.drop_through(id);
    }
}

void InboxRow::forget(ArchiveId id)
{
    unread_.forget(id);
}

void InboxRow::remove_through(ArchiveId id)
{
    unread_.drop_through(id);
    unseen_.drop_through(id);
    if (beyond_ <= id) {
        beyond_ = ArchiveId::none;
    }
    if (message_ <= id) {
        message_ = ArchiveId::none;
    }
}

std::vector<ArchiveId> InboxRow::told() const
{
    std::vector<ArchiveId> ids{message_};
    for (const InboxMessages* messages : {&unread_, &unseen_}) {
        for (const InboxMessage& message : *messages) {
            ids.push_back(message.id);
        }
    }
    return ids;
}

void InboxRow::lose(const std::vector<ArchiveId>& lost, ArchiveId message)
{
    for (const ArchiveId id : lost) {
        unread_.forget(id);
        unseen_.forget(id);
    }
    message_ = message;
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
    told.room_message = room_message_;
    told.room_read = room_read_;
    return told;
}

} // namespace sarang::lmdb
