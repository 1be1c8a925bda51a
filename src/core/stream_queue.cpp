// SPDX-License-Identifier: Apache-2.0
#include "core/stream_queue.h"

#include "core/room_presence.h"

#include <iterator>
#include <utility>

namespace sarang {
namespace {

std::uint32_t bytes_of(const StreamQueue::Entry& entry)
{
    const Stanza& stanza = entry.stanza;
    const std::size_t payload = stanza.payload ? stanza.payload->bytes().size() : 0;
    return static_cast<std::uint32_t>(
        sizeof entry + stanza.id.size() + stanza.added.size() + payload);
}

} // namespace

void StreamQueue::push(Entry entry)
{
    bytes_ += bytes_of(entry);
    ++sent_;
    entries_.push_back(std::move(entry));
}

void StreamQueue::push_unwritten(Entry entry)
{
    const Stanza& stanza = entry.stanza;
    const bool tells_how_one_is =
        stanza.kind == Kind::presence &&
        (stanza.type == Type::available || stanza.type == Type::unavailable) &&
        !is_own_room_presence(stanza);
    if (tells_how_one_is) {
        make_room_for(stanza);
    }
    push(std::move(entry));
    ++unwritten_;
    unwritten_bytes_ += bytes_of(entries_.back());
    if (tells_how_one_is) {
        newest_->insert_or_assign(entries_.back().stanza.from, std::prev(entries_.end()));
    }
}

void StreamQueue::make_room_for(const Stanza& presence)
{
    if (!newest_) {
        newest_ = std::make_unique<Newest>();
    }
    const auto older = newest_->find(presence.from);
    if (older != newest_->end()) {
        bytes_ -= bytes_of(*older->second);
        unwritten_bytes_ -= bytes_of(*older->second);
        entries_.erase(older->second);
        --sent_;
        --unwritten_;
    }
}

void StreamQueue::all_written()
{
    unwritten_ = unwritten_bytes_ = 0;
    newest_.reset();
}

std::size_t StreamQueue::bytes_before_newest() const
{
    return entries_.empty() ? 0 : bytes_ - bytes_of(entries_.back());
}

std::size_t StreamQueue::unwritten_bytes_before_newest() const
{
    return unwritten_ == 0 ? 0 : unwritten_bytes_ - bytes_of(entries_.back());
}

bool StreamQueue::acknowledge(std::uint32_t h)
{
    const std::uint32_t news = h - acknowledged();
    if (news > size() - unwritten_) {
        // Of numbers that wrap, those of the half behind are old.
        return static_cast<std::int32_t>(news) < 0;
    }
    for (std::uint32_t left = news; left > 0; --left) {
        const Entry& entry = entries_.front();
        bytes_ -= bytes_of(entry);
        if (entry.delivery) {
            entry.delivery->take();
        }
        entries_.pop_front();
    }
    return true;
}

std::list<StreamQueue::Entry> StreamQueue::take()
{
    bytes_ = 0;
    all_written();
    return std::exchange(entries_, {});
}

} // namespace sarang
