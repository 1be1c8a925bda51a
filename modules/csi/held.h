// SPDX-License-Identifier: Apache-2.0
// Held: what waits for one session, in order. Values alone; its owner bounds it.
#pragma once

#include "xml/stanza.h"

#include <cstddef>
#include <vector>

namespace sarang {

class Held {
public:
    /// `newest`: takes the place of what it makes pointless, its sender's earlier one of the kind.
    /// It stands last all the same, so that it overtakes nothing of its sender.
    void add(Stanza stanza, bool newest);

    /// All of it, the oldest first; nothing is left.
    std::vector<Stanza> take();

    std::size_t size() const { return entries_.size(); }

    /// About what it holds in memory.
    std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        Stanza stanza;
        bool newest;
    };

    std::vector<Entry> entries_;
    std::size_t bytes_ = 0;
};

} // namespace sarang
