// SPDX-License-Identifier: Apache-2.0
// Settlements: what waits on one shard for its appends to settle (store/archive_store.h). Nobody is
// shown a stanza before it is durable. The shard's thread only.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "net/link.h"
#include "store/archive_append.h"

namespace sarang {

/// Is told of the next settlement, once. Destroying it forgets it.
class SARANG_API SettlementWaiter : public Link {
public:
    /// May destroy the waiter, or have it wait again.
    virtual void settled(const Settlement& settlement) = 0;

protected:
    ~SettlementWaiter() = default;
};

class SARANG_API Settlements {
public:
    Settlements() = default;
    Settlements(const Settlements&) = delete;
    Settlements& operator=(const Settlements&) = delete;

    /// Requires that the append it waits for has not settled yet.
    void wait(SettlementWaiter& waiter) { waiting_.push_back(waiter); }

    bool empty() const { return !waiting_.linked(); }

    /// To be called for each settlement of this shard, in order.
    void settle(const Settlement& settlement);

    /// How that append came out; durable for none. Requires that it has not settled yet.
    Task<AppendOutcome> outcome(AppendTicket ticket);

private:
    Link waiting_;
};

} // namespace sarang
