// SPDX-License-Identifier: Apache-2.0
#include "core/settlements.h"

#include "base/oneshot.h"

namespace sarang {
namespace {

class OneTicket final : public SettlementWaiter {
public:
    OneTicket(Settlements& settlements, AppendTicket ticket)
        : settlements_{settlements}
        , ticket_{ticket}
    {
        settlements_.wait(*this);
    }

    void settled(const Settlement& settlement) override
    {
        if (ticket_ <= settlement.through) {
            outcome.accept(settlement.outcome);
        } else {
            settlements_.wait(*this);
        }
    }

    Oneshot<AppendOutcome> outcome;

private:
    Settlements& settlements_;
    AppendTicket ticket_;
};

} // namespace

void Settlements::settle(const Settlement& settlement)
{
    Link told;
    if (waiting_.linked()) {
        told.take_from(waiting_);
    }
    while (told.linked()) {
        auto& waiter = static_cast<SettlementWaiter&>(told.front());
        waiter.unlink();
        waiter.settled(settlement);
    }
}

Task<AppendOutcome> Settlements::outcome(AppendTicket ticket)
{
    if (ticket == AppendTicket::none) {
        co_return AppendOutcome::durable;
    }
    OneTicket waiter{*this, ticket};
    const AppendOutcome outcome = co_await waiter.outcome;
    co_return outcome;
}

} // namespace sarang
