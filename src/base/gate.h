// SPDX-License-Identifier: Apache-2.0
// Gate: counts the work that runs inside its owner, so that the owner can wait for its end before
// it goes. Used by one shard's thread.
#pragma once

#include "base/api.h"
#include "base/task.h"

#include <cstddef>
#include <optional>
#include <utility>

namespace sarang {

class SARANG_API Gate {
public:
    /// Work in progress; keeps the gate from closing.
    class Hold {
    public:
        Hold(Hold&& other) noexcept
            : gate_{std::exchange(other.gate_, nullptr)}
        {}

        Hold& operator=(Hold other) noexcept
        {
            std::swap(gate_, other.gate_);
            return *this;
        }

        ~Hold()
        {
            if (gate_ != nullptr) {
                gate_->leave();
            }
        }

    private:
        friend class Gate;

        explicit Hold(Gate& gate)
            : gate_{&gate}
        {
            ++gate.inside_;
        }

        Gate* gate_;
    };

    Gate() = default;
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// Aborts when work is still inside: an owner must await close() first.
    ~Gate();

    /// Nothing once the gate is closing.
    std::optional<Hold> enter()
    {
        if (closing_) {
            return std::nullopt;
        }
        return Hold{*this};
    }

    /// Once awaited, lets nobody in any more and waits until all have left. May be awaited by
    /// several, and again. The gate may end as soon as it is over.
    Task<void> close();

    bool closing() const { return closing_; }

    std::size_t inside() const { return inside_; }

    /// Spawns a task that is inside the gate until its frame is gone; dropped unstarted when
    /// closing.
    void spawn(Task<void> task);

private:
    class Closer;

    void leave();

    std::size_t inside_ = 0;
    bool closing_ = false;
    Closer* closers_ = nullptr;
};

} // namespace sarang
