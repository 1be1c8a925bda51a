// SPDX-License-Identifier: Apache-2.0
// Overflow: one shard's mail to another. What does not fit into the other's mailbox waits here, in
// order, and is tried again each turn. Used by the sender's thread.
#pragma once

#include "base/api.h"
#include "net/link.h"
#include "net/mailbox.h"

#include <memory>

namespace sarang {

class SARANG_API Overflow {
public:
    explicit Overflow(Mailbox& target)
        : target_{target}
    {}

    Overflow(const Overflow&) = delete;
    Overflow& operator=(const Overflow&) = delete;

    void send(std::unique_ptr<Mail> mail);

    bool empty() const { return waiting_.empty(); }

    /// Tells `relief` once, when it is empty again.
    void wait(Relief& relief) { reliefs_.push_back(relief); }

    /// Sends what fits; tells the reliefs when that was all.
    void retry();

    void drop() { waiting_ = MailList{}; }

private:
    Mailbox& target_;
    MailList waiting_;
    Link reliefs_;
};

} // namespace sarang
