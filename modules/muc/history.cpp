// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/history.h"

#include "core/delay.h"
#include "xml/writer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

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
