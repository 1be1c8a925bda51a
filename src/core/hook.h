// SPDX-License-Identifier: Apache-2.0
// Hook<Event>: a typed point at which modules take part. Handlers run in the order of their
// priority, then of their registration. A handler may add and remove handlers, itself included:
// removal takes effect at once, additions from the next run on. One shard's thread only.
#pragma once

#include "base/task.h"
#include "core/verdict.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace sarang {

/// Where in a chain a handler stands: the lower, the earlier.
enum class Priority : std::int16_t {};

namespace priority {

inline constexpr Priority strip{-300};  ///< takes away what must not be believed
inline constexpr Priority screen{-200}; ///< decides whether it may pass at all
inline constexpr Priority keep{-100};   ///< stores it, marks it
inline constexpr Priority normal{0};
inline constexpr Priority deliver{200}; ///< the last: brings it where it belongs

} // namespace priority

/// What became of an exception in a handler: Hook reports it here and refuses.
using HookFault = std::function<void(std::exception_ptr)>;

template <class Event, class Answer = Verdict>
class Hook {
public:
    using Function = std::function<Answer(Event&)>;
    using Key = std::uint64_t;

    Key add(Priority priority, Function function)
    {
        const Key key = ++last_key_;
        Entry entry{priority, key, std::move(function)};
        if (running_ > 0) {
            added_.push_back(std::move(entry));
        } else {
            insert(std::move(entry));
        }
        return key;
    }

    void remove(Key key)
    {
        std::erase_if(added_, [key](const Entry& entry) { return entry.key == key; });
        const auto entry = std::find_if(
            entries_.begin(), entries_.end(), [key](const Entry& e) { return e.key == key; });
        if (entry == entries_.end()) {
            return;
        }
        if (running_ > 0) {
            entry->removed = true;
            stale_ = true;
        } else {
            entries_.erase(entry);
        }
    }

    bool empty() const { return entries_.empty(); }

protected:
    struct Entry {
        Priority priority;
        Key key;
        Function function;
        bool removed = false;
    };

    // Keeps the list still while a chain runs, and catches up afterwards.
    class Running {
    public:
        explicit Running(Hook& hook)
            : hook_{hook}
        {
            ++hook_.running_;
        }

        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

        ~Running()
        {
            if (--hook_.running_ == 0) {
                hook_.settle();
            }
        }

    private:
        Hook& hook_;
    };

    std::vector<Entry> entries_;

private:
    void insert(Entry entry)
    {
        const auto place = std::upper_bound(
            entries_.begin(), entries_.end(), entry, [](const Entry& a, const Entry& b) {
                return a.priority < b.priority;
            });
        entries_.insert(place, std::move(entry));
    }

    void settle()
    {
        if (stale_) {
            std::erase_if(entries_, [](const Entry& entry) { return entry.removed; });
            stale_ = false;
        }
        for (Entry& entry : std::exchange(added_, {})) {
            insert(std::move(entry));
        }
    }

    std::vector<Entry> added_;
    Key last_key_ = 0;
    int running_ = 0;
    bool stale_ = false;
};

/// A chain that ends with the first verdict that does not pass. A handler that throws refuses
/// with internal-server-error: a screen must fail closed.
template <class Event>
class Chain : public Hook<Event> {
public:
    Verdict run(Event& event, const HookFault& fault)
    {
        if (this->entries_.empty()) {
            return Verdict::pass();
        }
        const typename Hook<Event>::Running running{*this};
        for (auto& entry : this->entries_) {
            if (entry.removed) {
                continue;
            }
            Verdict verdict = call(entry.function, event, fault);
            if (!verdict.passes()) {
                return verdict;
            }
        }
        return Verdict::pass();
    }

private:
    static Verdict
    call(typename Hook<Event>::Function& function, Event& event, const HookFault& fault)
    {
        try {
            return function(event);
        } catch (...) {
            fault(std::current_exception());
            return Verdict::bounce(Condition::internal_server_error);
        }
    }
};

/// A notice to all who care; an exception in one does not keep it from the others.
template <class Event>
class Notice : public Hook<Event, void> {
public:
    void run(Event& event, const HookFault& fault)
    {
        const typename Hook<Event, void>::Running running{*this};
        for (auto& entry : this->entries_) {
            if (entry.removed) {
                continue;
            }
            try {
                entry.function(event);
            } catch (...) {
                fault(std::current_exception());
            }
        }
    }
};

/// A chain whose handlers may wait. Handlers that are removed while one waits do not run; added
/// ones run from the next time on.
template <class Event>
class AsyncChain : public Hook<Event, Task<Verdict>> {
public:
    /// `event` must outlive the task.
    Task<Verdict> run(Event& event)
    {
        const typename Hook<Event, Task<Verdict>>::Running running{*this};
        for (auto& entry : this->entries_) {
            if (entry.removed) {
                continue;
            }
            Task<Verdict> task = entry.function(event);
            Verdict verdict = co_await task;
            if (!verdict.passes()) {
                co_return verdict;
            }
        }
        co_return Verdict::pass();
    }
};

} // namespace sarang
