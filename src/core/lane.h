// SPDX-License-Identifier: Apache-2.0
// Lane: takes items one after the other. While one waits for something, those that come later
// queue behind it, so that nothing overtakes (RFC 6120 §10.1); an item that need not wait costs
// one call. Appends to the archive are the exception: items behind one that waits to be durable
// may be appended as well, and are finished in order. One shard's thread.
#pragma once

#include "base/task.h"
#include "core/settlements.h"

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace sarang {

/// What is left to be done about an item that was begun.
class [[nodiscard]] Step {
public:
    static Step over() { return Step{}; }

    /// The task does all that is left.
    static Step wait(Task<void> task)
    {
        Step step;
        step.task_.emplace(std::move(task));
        return step;
    }

    /// To be finished once that append has settled; at once for none.
    static Step finish_after(AppendTicket ticket)
    {
        Step step;
        step.ticket_ = ticket;
        return step;
    }

    std::optional<Task<void>>& task() { return task_; }

    std::optional<AppendTicket> ticket() const { return ticket_; }

private:
    Step() = default;

    std::optional<Task<void>> task_;
    std::optional<AppendTicket> ticket_;
};

/// `Owner::begin(Item&)` sees to an item, or to its first part; `Owner::finish(Item&&, outcome)`
/// does the rest and returns what is left to wait for, if anything. `Owner::begins_early(item)`:
/// it may be begun, not finished, while earlier ones wait to be durable. `Owner::lane_idle()` is
/// told when a lane that waited has caught up. All may submit more. The owner outlives the lane;
/// destroying the lane cancels what it waits for.
template <class Owner, class Item>
class Lane {
public:
    explicit Lane(Owner& owner)
        : owner_{owner}
    {}

    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// True while an item is seen to or waits.
    bool busy() const { return running() || (work_ && !work_->begun.empty()); }

    /// The number of items that wait, but for the one that a task sees to.
    std::size_t waiting() const { return work_ ? work_->items.size() + work_->begun.size() : 0; }

    /// The number of items that have not been seen to. Requires that none of the calls to the
    /// owner is under way.
    std::size_t inside() const { return waiting() + (running() ? 1 : 0); }

    void submit(Item item)
    {
        if (work_ && !busy()) {
            work_.reset();
        }
        if (running() || (work_ && !may_begin(item))) {
            work().items.push_back(std::move(item));
            return;
        }
        processing_ = true;
        std::optional<Task<void>> task = begin(std::move(item));
        if (!task && work_ && !work_->items.empty()) {
            task = run(); // what was submitted meanwhile
        }
        processing_ = false;
        if (task) {
            occupy(std::move(*task));
        }
    }

    /// Has the lane wait for something that is no item, such as the loading of its owner.
    /// Requires !busy().
    void occupy(Task<void> task)
    {
        work().over = false;
        work_->running = Running{drain(std::move(task))};
        if (!busy()) {
            work_.reset();
        }
    }

private:
    /// An item that was begun and is to be finished, or a task that sees to one; neither where
    /// nothing is left to be done, but those before it are.
    struct Begun {
        AppendTicket ticket = AppendTicket::none;
        std::optional<AppendOutcome> outcome;
        std::optional<Item> item;
        std::optional<Task<void>> task;
    };

    struct Work final : SettlementWaiter {
        explicit Work(Lane& owner)
            : lane{owner}
        {}

        void settled(const Settlement& settlement) override { lane.settled(settlement); }

        Lane& lane;
        // Lists: a deque takes half a kilobyte when it is empty.
        std::list<Begun> begun;
        std::list<Item> items; ///< behind those
        Running running;
        bool over = true;
    };

    Work& work()
    {
        if (!work_) {
            work_ = std::make_unique<Work>(*this);
        }
        return *work_;
    }

    bool running() const { return processing_ || (work_ && !work_->over); }

    bool may_begin(const Item& item) const
    {
        return work_->begun.empty() || (work_->items.empty() && owner_.begins_early(item));
    }

    // Begins one; what has to be waited for now, if anything.
    std::optional<Task<void>> begin(Item&& item)
    {
        try {
            Step step = owner_.begin(item);
            const bool first = !work_ || work_->begun.empty();
            if (step.task()) {
                if (first) {
                    return std::move(step.task());
                }
                put(Begun{{}, AppendOutcome::durable, {}, std::move(step.task())});
            } else if (step.ticket() == AppendTicket::none) {
                if (first) {
                    return owner_.finish(std::move(item), AppendOutcome::durable);
                }
                put(Begun{{}, AppendOutcome::durable, std::move(item), {}});
            } else if (step.ticket()) {
                put(Begun{*step.ticket(), {}, std::move(item), {}});
            } else if (!first) {
                put(Begun{{}, AppendOutcome::durable, {}, {}});
            }
        } catch (...) {
            Executor::current().report(std::current_exception()); // it must not stop the lane
            if (work_ && !work_->begun.empty()) {
                put(Begun{{}, AppendOutcome::durable, {}, {}});
            }
        }
        return std::nullopt;
    }

    void put(Begun one)
    {
        const bool unsettled = !one.outcome;
        work().begun.push_back(std::move(one));
        if (unsettled && !work_->linked()) {
            owner_.settlements().wait(*work_);
        }
    }

    std::optional<Task<void>> finish(Begun one)
    {
        if (one.task || !one.item) {
            return std::move(one.task);
        }
        try {
            return owner_.finish(std::move(*one.item), *one.outcome);
        } catch (...) {
            Executor::current().report(std::current_exception());
            return std::nullopt;
        }
    }

    // As far as it goes; what has to be waited for then, but for what is to be durable.
    std::optional<Task<void>> advance()
    {
        for (;;) {
            if (!work_->begun.empty() && work_->begun.front().outcome) {
                Begun one = std::move(work_->begun.front());
                work_->begun.pop_front();
                if (auto task = finish(std::move(one))) {
                    return task;
                }
                continue;
            }
            if (work_->items.empty() ||
                (!work_->begun.empty() && !owner_.begins_early(work_->items.front()))) {
                return std::nullopt;
            }
            Item item = std::move(work_->items.front());
            work_->items.pop_front();
            if (auto task = begin(std::move(item))) {
                return task;
            }
        }
    }

    std::optional<Task<void>> run()
    {
        do {
            if (auto task = advance()) {
                return task;
            }
            if (!work_->begun.empty()) {
                return std::nullopt;
            }
            owner_.lane_idle();
        } while (!work_->items.empty());
        return std::nullopt;
    }

    Task<void> drain(Task<void> first)
    {
        std::optional<Task<void>> task{std::move(first)};
        while (task) {
            Task<void> next = guarded(std::move(*task));
            co_await next;
            task = run();
        }
        work_->over = true;
    }

    // The last thing that is done in Work, which may end here.
    void settled(const Settlement& settlement)
    {
        bool unsettled = false;
        for (Begun& one : work_->begun) {
            if (!one.outcome && one.ticket <= settlement.through) {
                one.outcome = settlement.outcome;
            }
            unsettled = unsettled || !one.outcome;
        }
        if (unsettled) {
            owner_.settlements().wait(*work_);
        }
        if (running()) {
            return;
        }
        processing_ = true;
        std::optional<Task<void>> task = run();
        processing_ = false;
        if (task) {
            occupy(std::move(*task));
        } else if (!busy()) {
            work_.reset();
        }
    }

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
    bool processing_ = false;
};

} // namespace sarang
