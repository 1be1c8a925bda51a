// SPDX-License-Identifier: Apache-2.0
#include "net/sleep.h"

namespace sarang {

Sleep::Sleep(TimerWheel& wheel, std::chrono::nanoseconds after)
    : wheel_{wheel}
    , after_{after}
{}

Sleep::~Sleep()
{
    if (waiter_ != nullptr) {
        waiter_->forget_slot();
    }
}

void Sleep::expire()
{
    if (waiter_ != nullptr) {
        waiter_->schedule();
    }
}

} // namespace sarang
