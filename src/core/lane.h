// SPDX-License-Identifier: Apache-2.0
// Lane: takes items one after the other. While one waits for something, those that come later
// queue behind it, so that nothing overtakes (RFC 6120 §10.1); an item that need not wait costs
// one call. One shard's thread.
#pragma once

#include "base/task.h"

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace sarang {

/// `Owner::process(Item&&)` sees to an item and returns what is left to wait for, if anything;
/// `Owner::lane_idle()` is told when a lane that waited has caught up. The owner outlives the
/// lane; destroying the lane cancels what it waits for.
template <class Owner, class Item>
class Lane {
public:
    explicit Lane(Owner& owner)
        : owner_{owner}
    {}

    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// True while an item waits.
    bool busy() const { return work_ && work_->running.active(); }

    /// The number of items behind the one that waits.
    std::size_t waiting() const { return busy() ? work_->items.size() : 0; }

    void submit(Item item)
    {
        if (busy()) {
            work_->items.push_back(std::move(item));
            return;
        }
        if (auto task = owner_.process(std::move(item))) {
            occupy(std::move(*task));
        }
    }

    /// Has the lane wait for something that is no item, such as the loading of its owner.
    /// Requires !busy().
    void occupy(Task<void> task)
    {
        work_ = std::make_unique<Work>();
        work_->running = Running{drain(std::move(task))};
        if (!work_->running.active()) {
            work_.reset();
        }
    }

    /// Takes what is queued, in order; for an owner that ends.
    std::deque<Item> take() { return work_ ? std::exchange(work_->items, {}) : std::deque<Item>{}; }

private:
    struct Work {
        std::deque<Item> items;
        Running running;
    };

    Task<void> drain(Task<void> first)
    {
        co_await guarded(std::move(first));
        while (!work_->items.empty()) {
            Item item = std::move(work_->items.front());
            work_->items.pop_front();
            if (auto task = owner_.process(std::move(item))) {
                co_await guarded(std::move(*task));
            }
        }
        owner_.lane_idle();
    }

    // One item's exception must not stop the lane.
    static Task<void> guarded(Task<void> task)
    {
        try {
            co_await task;
        } catch (...) {
            Executor::current().report(std::current_exception());
        }
    }

    Owner& owner_;
    std::unique_ptr<Work> work_;
};

} // namespace sarang
