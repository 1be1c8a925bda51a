// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/feedings.h"

namespace sarang::muc {

Feeding* Feedings::find(const Jid& session) const
{
    if (!feedings_) {
        return nullptr;
    }
    const auto found = feedings_->find(session);
    return found != feedings_->end() ? &found->second : nullptr;
}

Feeding& Feedings::begin(const Jid& session)
{
    if (!feedings_) {
        feedings_ = std::make_unique<std::unordered_map<Jid, Feeding>>();
    }
    Feeding& feeding = (*feedings_)[session];
    feeding.number = ++last_;
    return feeding;
}

void Feedings::end(const Jid& session)
{
    if (feedings_ && feedings_->erase(session) > 0 && feedings_->empty()) {
        feedings_.reset();
    }
}

// Once it is told of somebody apart, the last thing that it is told must be how he is.
bool Feedings::leaves_out(const Jid& session, std::uint64_t occupant, bool always) const
{
    Feeding* const feeding = find(session);
    if (feeding == nullptr || occupant < feeding->next) {
        return false;
    }
    if (always) {
        feeding->apart.insert(occupant);
    }
    return !feeding->apart.contains(occupant);
}

} // namespace sarang::muc
