// SPDX-License-Identifier: Apache-2.0
// Delivery: one message that went to several sessions of an account, so that those that cannot
// tell whether their client got it know of each other. One shard's thread.
#pragma once

#include "base/api.h"
#include "base/refcount.h"
#include "xml/stanza.h"

#include <memory>
#include <optional>

namespace sarang {

class SARANG_API Delivery final : public Refcounted {
public:
    static Ref<Delivery> make()
    {
        return Ref<Delivery>::adopt(std::make_unique<Delivery>().release());
    }

    static void dispose(const Delivery* delivery)
    {
        std::default_delete<const Delivery>{}(delivery);
    }

    /// Others get copies that say of it (XEP-0280); who has one has the message.
    void copied(const Stanza& original) const
    {
        if (!original_) {
            original_ = original;
        }
    }

    /// The message itself, where some have a copy.
    const std::optional<Stanza>& original() const { return original_; }

    /// A session keeps it until its client acknowledges it.
    void keep() const { ++keepers_; }

    /// A client has it.
    void take() const { taken_ = true; }

    bool taken() const { return taken_; }

    /// A session that kept it ends. True when no client has it, nor may another get it.
    bool give_up() const { return --keepers_ == 0 && !taken_; }

private:
    // What is known of it changes, not what it stands for.
    mutable unsigned keepers_ = 0;
    mutable bool taken_ = false;
    mutable std::optional<Stanza> original_;
};

} // namespace sarang
