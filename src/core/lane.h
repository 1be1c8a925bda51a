// SPDX-License-Identifier: Apache-2.0
// Lane: takes items one after the other. While one waits for something, those that come later
// queue behind it, so that nothing overtakes (RFC 6120 §10.1); an item that need not wait costs
// one call. One shard's thread.
#pragma once

#include "base/task.h"

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace sarang {

/// `Owner::process(Item&&)` sees to an item and returns what is left to wait for, if anything;
/// `Owner::lane_idle()` is told when a lane that waited has caught up. Both may submit more. The
/// owner outlives the lane; destroying the lane cancels what it waits for.
template <class Owner, class Item>
class Lane {
public:
    explicit Lane(Owner& owner)
        : owner_{owner}
    {}

    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// True while an item is seen to or waits.
    bool busy() const { return processing_ || (work_ && !work_->over); }

    /// The number of items behind the one that waits.
    std::size_t waiting() const { return work_ ? work_->items.size() : 0; }

    void submit(Item item)
    {
        if (busy()) {
            work().items.push_back(std::move(item));
            return;
        }
        processing_ = true;
        std::optional<Task<void>> rest = process(std::move(item));
        processing_ = false;
        if (rest) {
            occupy(std::move(*rest));
        } else if (waiting() > 0) {
            occupy(nothing()); // what was submitted meanwhile
        }
    }

    /// Has the lane wait for something that is no item, such as the loading of its owner.
    /// Requires !busy().
    void occupy(Task<void> task)
    {
        work().over = false;
        work_->running = Running{drain(std::move(task))};
        if (work_->over) {
            work_.reset();
        }
    }

private:
    struct Work {
        std::list<Item> items; ///< not a deque: that takes half a kilobyte when it is empty
        Running running;
        bool over = true;
    };

    Work& work()
    {
        if (!work_) {
            work_ = std::make_unique<Work>();
        }
        return *work_;
    }

    // One item's exception must not stop the lane.
    std::optional<Task<void>> process(Item&& item)
    {
        try {
            return owner_.process(std::move(item));
        } catch (...) {
            Executor::current().report(std::current_exception());
            return std::nullopt;
        }
    }

    Task<void> drain(Task<void> first)
    {
        co_await guarded(std::move(first));
        do {
            while (!work_->items.empty()) {
                Item item = std::move(work_->items.front());
                work_->items.pop_front();
                if (auto task = process(std::move(item))) {
                    co_await guarded(std::move(*task));
                }
            }
            owner_.lane_idle();
        } while (!work_->items.empty());
        work_->over = true;
    }

    static Task<void> guarded(Task<void> task)
    {
        try {
            co_await task;
        } catch (...) {
            Executor::current().report(std::current_exception());
        }
    }

    static Task<void> nothing() { co_return; }

    Owner& owner_;
    std::unique_ptr<Work> work_;
    bool processing_ = false;
};

} // namespace sarang
