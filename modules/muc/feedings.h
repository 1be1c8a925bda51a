// SPDX-License-Identifier: Apache-2.0
// Feedings: which sessions were not told all of a room yet, and what of it is left (feeding.h).
#pragma once

#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace sarang::muc {

/// One session's.
struct Feeding {
    std::uint64_t number = 0; ///< another one of the same session has another
    std::uint64_t next = 0;   ///< the first occupant, by his number, who is not shown yet
    std::list<Stanza> rest;   ///< behind them
    std::size_t late = 0;     ///< bytes of these that are no part of the welcome
    bool begun = false;       ///< the welcome is complete
    std::unordered_set<std::uint64_t> apart; ///< of whom `rest` has more, though he is not shown
};

/// Those of a room that are not done.
class Feedings {
public:
    Feeding* find(const Jid& session) const;
    Feeding& begin(const Jid& session);
    void end(const Jid& session);

    bool empty() const { return !feedings_ || feedings_->empty(); }

    void clear() { feedings_.reset(); }

    /// Whether a session need not be told something of an occupant, since it will be shown him.
    /// `always`: it is to be told anyway.
    bool leaves_out(const Jid& session, std::uint64_t occupant, bool always) const;

private:
    std::uint64_t last_ = 0;
    std::unique_ptr<std::unordered_map<Jid, Feeding>> feedings_; ///< few rooms ever have any
};

} // namespace sarang::muc
