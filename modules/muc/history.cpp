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
    std::erase_if(entries_, [&goes](const Entry& entry) { return goes(entry.message); });
}

void History::add(Stanza message, Clock::Wall time, std::size_t most)
{
    message.to = Jid{};
    entries_.push_back({std::move(message), time});
    while (entries_.size() > most) {
        entries_.pop_front();
    }
}

std::vector<Stanza> History::replay(
    const HistoryRequest& request, std::size_t most, const Jid& room, Clock::Wall now) const
{
    std::vector<Stanza> shown;
    const Clock::Wall start = start_of(request, now);
    const std::size_t wanted = std::min<std::size_t>(most, request.max_stanzas.value_or(most));
    std::size_t left = request.max_chars.value_or(std::string::npos);
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (shown.size() == wanted || entry->time < start) {
            break;
        }
        Stanza message = entry->message;
        add_delay(message, room.str(), entry->time);
        const std::size_t size = size_of(message);
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
