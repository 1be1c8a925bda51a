// SPDX-License-Identifier: Apache-2.0
// on(): runs something on another shard and comes back with what it returned.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "net/outcome.h"
#include "net/shard.h"

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace sarang {
namespace detail {

/// What travels: made on the shard that asks, run on the other, and always freed at home.
class SARANG_API Visit {
public:
    explicit Visit(Shard& home);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    virtual ~Visit();

    /// On the other shard: does the deed, or returns the task that does it.
    virtual std::optional<Task<void>> perform() = 0;
    /// At home again: delivers.
    virtual void conclude() = 0;

    Shard& home() const { return home_; }

private:
    Shard& home_;
};

SARANG_API void depart(Shard& there, std::unique_ptr<Visit> visit);

template <class T>
struct Unwrapped {
    using Type = T;
    static constexpr bool task = false;
};

template <class T>
struct Unwrapped<Task<T>> {
    using Type = T;
    static constexpr bool task = true;
};

template <class Deed>
using Deliverable = Unwrapped<std::invoke_result_t<Deed&>>;

template <class Deed>
class VisitOf final : public Visit {
public:
    using Value = typename Deliverable<Deed>::Type;

    VisitOf(Shard& home, Deed deed, Oneshot<Outcome<Value>>& reply)
        : Visit{home}
        , deed_{std::move(deed)}
        , sender_{reply}
    {}

    std::optional<Task<void>> perform() override
    {
        if constexpr (Deliverable<Deed>::task) {
            return wait();
        } else {
            outcome_ = outcome_of<Value>(deed_);
            return std::nullopt;
        }
    }

    void conclude() override { sender_.deliver(std::move(outcome_)); }

private:
    Task<void> wait()
    {
        try {
            Task<Value> task = deed_();
            if constexpr (std::is_void_v<Value>) {
                co_await task;
            } else {
                outcome_.value.emplace(co_await task);
            }
        } catch (...) {
            outcome_.exception = std::current_exception();
        }
    }

    Deed deed_;
    typename Oneshot<Outcome<Value>>::Sender sender_;
    Outcome<Value> outcome_;
};

} // namespace detail

/// `Roster roster = co_await on(home, deed)`: calls `deed`, which returns a value or a task, on
/// the shard `there`, and resumes here. Dropping the task abandons the answer, not the deed.
template <class Deed>
Task<typename detail::Deliverable<Deed>::Type> on(Shard& there, Deed deed)
{
    using Value = typename detail::Deliverable<Deed>::Type;
    Oneshot<detail::Outcome<Value>> reply;
    auto visit = std::make_unique<detail::VisitOf<Deed>>(Shard::current(), std::move(deed), reply);
    detail::depart(there, std::move(visit));
    detail::Outcome<Value> outcome = co_await reply;
    co_return outcome.take();
}

} // namespace sarang
