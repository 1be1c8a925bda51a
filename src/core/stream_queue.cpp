// SPDX-License-Identifier: Apache-2.0
#include "core/stream_queue.h"

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

std::size_t StreamQueue::bytes_before_newest() const
{
    return entries_.empty() ? 0 : bytes_ - bytes_of(entries_.back());
}

bool StreamQueue::acknowledge(std::uint32_t h)
{
    const std::uint32_t news = h - acknowledged();
    if (news > size()) {
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
    return std::exchange(entries_, {});
}

} // namespace sarang
