// SPDX-License-Identifier: Apache-2.0
#include "base/gate.h"

#include "base/oneshot.h"

#include <cstdlib>

namespace sarang {
namespace {

Task<void> run_inside(Gate::Hold hold, Task<void> task)
{
    // Locals, in this order: the task's frame, and what it was given, dies before the hold, for
    // an owner may go as soon as its gate is empty.
    const Gate::Hold inside = std::move(hold);
    Task<void> work = std::move(task);
    co_await work;
}

} // namespace

/// One that waits in close(); a link in the gate's list while it does.
class Gate::Closer {
public:
    explicit Closer(Gate& gate)
        : gate_{&gate}
        , next_{std::exchange(gate.closers_, this)}
    {}

    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;

    ~Closer()
    {
        if (gate_ == nullptr) {
            return;
        }
        Closer** link = &gate_->closers_;
        while (*link != this) {
            link = &(*link)->next_;
        }
        *link = next_;
    }

    /// Nothing touches the gate from here on.
    void let_go()
    {
        std::exchange(gate_, nullptr)->closers_ = next_;
        empty_.accept(true);
    }

    Oneshot<bool>& empty() { return empty_; }

private:
    Gate* gate_;
    Closer* next_;
    Oneshot<bool> empty_;
};

Gate::~Gate()
{
    if (inside_ != 0) {
        std::abort();
    }
}

Task<void> Gate::close()
{
    closing_ = true;
    if (inside_ != 0) {
        Closer closer{*this};
        Oneshot<bool>& empty = closer.empty();
        co_await empty;
    }
}

void Gate::spawn(Task<void> task)
{
    if (auto hold = enter()) {
        sarang::spawn(run_inside(std::move(*hold), std::move(task)));
    }
}

void Gate::leave()
{
    --inside_;
    while (inside_ == 0 && closers_ != nullptr) {
        closers_->let_go();
    }
}

} // namespace sarang
