// SPDX-License-Identifier: Apache-2.0
// Lists that hang from a shard and that own nothing: a member leaves when it is destroyed.
#pragma once

#include "base/api.h"

namespace sarang {

/// A member of such a list, or its head.
class SARANG_API Link {
public:
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    ~Link() { unlink(); }

    bool linked() const { return next_ != this; }

    void unlink();
    /// For a head: `link` becomes the last member, wherever it was before.
    void push_back(Link& link);
    /// Becomes the head of all that hangs from `other`. Requires !linked().
    void take_from(Link& other);

    Link& front() const { return *next_; }

private:
    Link* next_ = this;
    Link* previous_ = this;
};

/// Something to be done once at the end of the running turn, such as to write out what it
/// collected. Destroying it forgets it.
class SARANG_API TurnEnd : public Link {
public:
    virtual void on_turn_end() = 0;

protected:
    ~TurnEnd() = default;
};

/// Waits for a congested shard to take mail again. Destroying it forgets it.
class SARANG_API Relief : public Link {
public:
    virtual void on_relief() = 0;

protected:
    ~Relief() = default;
};

} // namespace sarang
