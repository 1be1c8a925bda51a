// SPDX-License-Identifier: Apache-2.0
#include "net/overflow.h"

#include <utility>

namespace sarang {

void Overflow::send(std::unique_ptr<Mail> mail)
{
    if (!waiting_.empty() || !target_.try_post(mail)) {
        waiting_.push(std::move(mail));
    }
}

void Overflow::retry()
{
    while (std::unique_ptr<Mail> mail = waiting_.pop()) {
        if (!target_.try_post(mail)) {
            waiting_.push_front(std::move(mail));
            return;
        }
    }
    // Moved aside: who is told may wait again at once.
    Link told;
    told.take_from(reliefs_);
    while (told.linked()) {
        auto& relief = static_cast<Relief&>(told.front());
        relief.unlink();
        relief.on_relief();
    }
}

} // namespace sarang
