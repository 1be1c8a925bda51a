// SPDX-License-Identifier: Apache-2.0
// History: the last messages of a room, for those who enter (XEP-0045 §7.2.13).
#pragma once

#include "base/clock.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <functional>
#include <list>
#include <string_view>
#include <vector>

#include "modules/muc/join_request.h"

namespace sarang::muc {

/// Whether `room` has given a message this <stanza-id/>.
bool is_named(const Stanza& message, const Jid& room, std::string_view id);

struct HistoryBounds {
    std::size_t messages;
    std::size_t bytes; ///< of what stands inside them
};

class History {
public:
    struct Entry {
        Stanza message; ///< as it was sent to all, without a recipient
        Clock::Wall time;
    };

    /// A message that was sent to all. The first ones go where there is no room for it; one that
    /// would take more than a quarter is left out.
    void add(Stanza message, Clock::Wall time, HistoryBounds bounds);

    /// Those that may be shown, in order, each with the delay that `room` says of it: `most` at
    /// the most, and what else was asked for.
    std::vector<Stanza>
    replay(const HistoryRequest& request, std::size_t most, const Jid& room, Clock::Wall now) const;

    /// The message that `room` has given this <stanza-id/>, if it is here.
    const Stanza* named(const Jid& room, std::string_view id) const;

    void remove_if(const std::function<bool(const Stanza& message)>& goes);

    bool empty() const { return entries_.empty(); }

    void clear()
    {
        entries_.clear();
        bytes_ = 0;
    }

    const std::list<Entry>& entries() const { return entries_; }

private:
    void drop_first();

    std::list<Entry> entries_; ///< a deque takes half a kilobyte when it is empty
    std::size_t bytes_ = 0;
};

} // namespace sarang::muc
