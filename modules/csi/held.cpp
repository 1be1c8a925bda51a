// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/held.h"

#include <algorithm>
#include <utility>

namespace sarang {
namespace {

std::size_t weight(const Stanza& stanza)
{
    const std::size_t payload = stanza.payload ? stanza.payload->bytes().size() : 0;
    return sizeof stanza + stanza.id.size() + stanza.added.size() + payload;
}

} // namespace

void Held::add(Stanza stanza, bool newest)
{
    const auto pointless = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return newest && entry.newest && entry.stanza.kind == stanza.kind &&
               entry.stanza.from == stanza.from;
    });
    if (pointless != entries_.end()) {
        bytes_ -= weight(pointless->stanza);
        entries_.erase(pointless);
    }
    bytes_ += weight(stanza);
    entries_.push_back({std::move(stanza), newest});
}

std::vector<Stanza> Held::take()
{
    std::vector<Stanza> stanzas;
    stanzas.reserve(entries_.size());
    for (Entry& entry : std::exchange(entries_, {})) {
        stanzas.push_back(std::move(entry.stanza));
    }
    bytes_ = 0;
    return stanzas;
}

} // namespace sarang
