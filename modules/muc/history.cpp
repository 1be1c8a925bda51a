// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/history.h"

#include "core/delay.h"
#include "xml/writer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

Clock::Wall start_of(const HistoryRequest& request, Clock::Wall now)
{
    Clock::Wall start = request.since.value_or(Clock::Wall::min());
    if (request.seconds) {
        start = std::max(start, now - std::chrono::seconds{*request.seconds});
    }
    return start;
}

std::size_t inside(const Stanza& message)
{
    return message.payload ? message.payload->bytes().size() : 0;
}

std::size_t size_of(const Stanza& message)
{
    std::string written;
    write_stanza(written, message);
    return written.size();
}

} // namespace

bool is_named(const Stanza& message, const Jid& room, std::string_view id)
{
    const Payload* const payload = message.payload.get();
    auto at = payload != nullptr ? payload->find(stanza_id_ns, "stanza-id") : std::nullopt;
    for (; at; at = payload->find(stanza_id_ns, "stanza-id", *at + 1)) {
        const Element name = payload->element(*at);
        if (name.attribute("by") == room.str() && name.attribute("id") == id) {
            return true;
        }
    }
    return false;
}

const Stanza* History::named(const Jid& room, std::string_view id) const
{
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return is_named(entry.message, room, id); });
    return found != entries_.end() ? &found->message : nullptr;
}

void History::remove_if(const std::function<bool(const Stanza& message)>& goes)
{
    std::erase_if(entries_, [this, &goes](const Entry& entry) {
        const bool gone = goes(entry.message);
        bytes_ -= gone ? inside(entry.message) : 0;
        return gone;
    });
}

void History::add(Stanza message, Clock::Wall time, HistoryBounds bounds)
{
    const std::size_t size = inside(message);
    if (size > bounds.bytes / 4) {
        return;
    }
    message.to = Jid{};
    entries_.push_back({std::move(message), time});
    bytes_ += size;
    while (entries_.size() > bounds.messages || bytes_ > bounds.bytes) {
        drop_first();
    }
}

void History::drop_first()
{
    bytes_ -= inside(entries_.front().message);
    entries_.pop_front();
}

std::vector<Stanza> History::replay(
    const HistoryRequest& request, std::size_t most, const Jid& room, Clock::Wall now) const
{
    std::vector<Stanza> shown;
    const Clock::Wall start = start_of(request, now);
    const std::size_t wanted = std::min<std::size_t>(most, request.max_stanzas.value_or(most));
    std::size_t left = request.max_chars.value_or(0);
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (shown.size() == wanted || entry->time < start) {
            break;
        }
        Stanza message = entry->message;
        add_delay(message, room.str(), entry->time);
        const std::size_t size = request.max_chars ? size_of(message) : 0;
        if (size > left) {
            break;
        }
        left -= size;
        shown.push_back(std::move(message));
    }
    std::ranges::reverse(shown);
    return shown;
}

} // namespace sarang::muc
