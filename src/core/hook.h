// SPDX-License-Identifier: Apache-2.0
// Hook<Event>: a typed point at which modules take part. Handlers run in the order of their
// priority, then of their registration. A handler may add and remove handlers, itself included:
// removal takes effect at once, additions from the next run on, also while older runs of
// handlers that wait go on. One shard's thread only.
#pragma once

#include "base/task.h"
#include "core/verdict.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <utility>

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
        const auto place = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return entry.priority > priority;
        });
        entries_.insert(place, Entry{priority, key, std::move(function)});
        return key;
    }

    void remove(Key key)
    {
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

    // Keeps what is removed in its place while a chain runs, and catches up afterwards.
    class Running {
    public:
        explicit Running(Hook& hook)
            : hook_{hook}
            , last_{hook.last_key_}
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

        /// Whether a handler has a part in this run.
        bool concerns(const Entry& entry) const { return !entry.removed && entry.key <= last_; }

    private:
        Hook& hook_;
        Key last_;
    };

    std::list<Entry>& entries() { return entries_; }

private:
    void settle()
    {
        if (stale_) {
            std::erase_if(entries_, [](const Entry& entry) { return entry.removed; });
            stale_ = false;
        }
    }

    std::list<Entry> entries_; ///< places stay while others come
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
        if (this->empty()) {
            return Verdict::pass();
        }
        const typename Hook<Event>::Running running{*this};
        for (auto& entry : this->entries()) {
            if (!running.concerns(entry)) {
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
        for (auto& entry : this->entries()) {
            if (!running.concerns(entry)) {
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
/// ones run from the next time on. One that throws refuses, as in a Chain.
template <class Event>
class AsyncChain : public Hook<Event, Task<Verdict>> {
public:
    /// `event` and `fault` must outlive the task.
    Task<Verdict> run(Event& event, const HookFault& fault)
    {
        const typename Hook<Event, Task<Verdict>>::Running running{*this};
        for (auto& entry : this->entries()) {
            if (!running.concerns(entry)) {
                continue;
            }
            Verdict verdict = Verdict::pass();
            try {
                Task<Verdict> task = entry.function(event);
                verdict = co_await task;
            } catch (...) {
                fault(std::current_exception());
                verdict = Verdict::bounce(Condition::internal_server_error);
            }
            if (!verdict.passes()) {
                co_return verdict;
            }
        }
        co_return Verdict::pass();
    }
};

} // namespace sarang
