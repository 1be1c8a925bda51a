// SPDX-License-Identifier: Apache-2.0
// Task<T>: a lazy coroutine that belongs to one shard. It starts when awaited (or spawned);
// destroying it cancels it and all that it awaits. Longer than a header should be, since a task
// is a template throughout and ok() knows its inside.
#pragma once

#include "base/api.h"
#include "base/executor.h"
#include "base/oneshot.h"
#include "base/result.h"

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace sarang {

template <class T>
class Task;

namespace detail {

struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> done) const noexcept
    {
        done.promise().finish();
    }

    void await_resume() const noexcept {}
};

template <class T>
class TaskPromise;

/// What promises of tasks have in common.
class TaskPromiseBase : public PromiseBase {
public:
    std::suspend_always initial_suspend() const noexcept { return {}; }

    FinalAwaiter final_suspend() const noexcept { return {}; }

    void unhandled_exception() { exception_ = std::current_exception(); }

    const std::exception_ptr& exception() const { return exception_; }

protected:
    std::exception_ptr exception_;
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
public:
    Task<T> get_return_object();

    // The default makes room for `co_return {};`
    template <std::convertible_to<T> U = T>
    void return_value(U&& value)
    {
        value_.emplace(std::forward<U>(value));
    }

    /// Leaves the coroutine with an error, as if it had returned it (T is a Result).
    void leave(Failure failure) { value_.emplace(std::move(failure)); }

    T& value() { return *value_; }

    T take()
    {
        if (exception_) {
            std::rethrow_exception(exception_);
        }
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
public:
    Task<void> get_return_object();

    void return_void() const {}

    void take()
    {
        if (exception_) {
            std::rethrow_exception(exception_);
        }
    }
};

} // namespace detail

/// Requires: arguments of a detached task are taken by value; no capturing lambda is a task; see
/// HACKING.md for what g++ 12 makes of temporaries inside a co_await expression.
template <class T = void>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle)
        : handle_{handle}
    {}

    Task(Task&& other) noexcept
        : handle_{std::exchange(other.handle_, nullptr)}
    {}

    Task& operator=(Task other) noexcept
    {
        std::swap(handle_, other.handle_);
        return *this;
    }

    ~Task()
    {
        if (handle_) {
            handle_.destroy();
        }
    }

    promise_type& promise() const { return handle_.promise(); }

    bool finished() const { return promise().finished(); }

    // As an awaitable: runs the child at once; the parent is suspended only if the child is.
    bool await_ready() const noexcept { return false; }

    template <class Parent>
    bool await_suspend(std::coroutine_handle<Parent> parent)
    {
        handle_.resume();
        if (finished()) {
            return false;
        }
        promise().awaited_by(parent.promise(), [](PromiseBase& child) -> PromiseBase* {
            if (child.parent() != nullptr) {
                child.parent()->schedule();
            }
            return nullptr;
        });
        return true;
    }

    T await_resume() { return promise().take(); }

private:
    Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object()
{
    const auto handle = std::coroutine_handle<TaskPromise>::from_promise(*this);
    bind(handle);
    return Task<T>{handle};
}

inline Task<void> TaskPromise<void>::get_return_object()
{
    const auto handle = std::coroutine_handle<TaskPromise>::from_promise(*this);
    bind(handle);
    return Task<void>{handle};
}

/// Awaits a Task<Result<T>>: yields its value, or leaves the awaiting coroutine with its error.
template <class T>
class [[nodiscard]] OkTask {
public:
    explicit OkTask(Task<Result<T>> child)
        : child_{std::move(child)}
    {}

    bool await_ready() const noexcept { return false; }

    template <class U>
    bool await_suspend(std::coroutine_handle<TaskPromise<Result<U>>> parent)
    {
        child_.promise().handle().resume();
        if (!child_.finished()) {
            child_.promise().awaited_by(parent.promise(), arrive<U>);
            return true;
        }
        if (succeeded(child_.promise())) {
            return false;
        }
        parent.promise().leave(std::move(child_.promise().value()).failure());
        parent.promise().finish();
        return true;
    }

    T await_resume()
    {
        if constexpr (std::is_void_v<T>) {
            static_cast<void>(child_.promise().take());
        } else {
            return std::move(child_.promise().take()).value();
        }
    }

private:
    using ChildPromise = TaskPromise<Result<T>>;

    // An exception resumes the parent too, which throws it where it may be caught.
    static bool succeeded(ChildPromise& child)
    {
        return child.exception() || child.value().has_value();
    }

    template <class U>
    static PromiseBase* arrive(PromiseBase& done)
    {
        auto& child = static_cast<ChildPromise&>(done);
        auto& parent = static_cast<TaskPromise<Result<U>>&>(*done.parent());
        if (succeeded(child)) {
            parent.schedule();
            return nullptr;
        }
        parent.leave(std::move(child.value()).failure());
        return &parent;
    }

    Task<Result<T>> child_;
};

/// Awaits a Result that is there already: yields its value or leaves with its error.
template <class T>
class [[nodiscard]] OkResult {
public:
    explicit OkResult(Result<T> result)
        : result_{std::move(result)}
    {}

    bool await_ready() const noexcept { return result_.has_value(); }

    template <class U>
    void await_suspend(std::coroutine_handle<TaskPromise<Result<U>>> parent)
    {
        parent.promise().leave(std::move(result_).failure());
        parent.promise().finish();
    }

    T await_resume()
    {
        if constexpr (!std::is_void_v<T>) {
            return std::move(result_).value();
        }
    }

private:
    Result<T> result_;
};

} // namespace detail

/// `auto roster = co_await ok(store.roster(jid));`
template <class T>
detail::OkTask<T> ok(Task<Result<T>> task)
{
    return detail::OkTask<T>{std::move(task)};
}

template <class T>
detail::OkResult<T> ok(Result<T> result)
{
    return detail::OkResult<T>{std::move(result)};
}

/// A task that was started and belongs to somebody: destroying it cancels it, which its own
/// coroutine may not do while it runs. What it throws goes to the executor's report.
class SARANG_API Running {
public:
    Running() = default;

    /// Starts `task` at once, on the current executor.
    explicit Running(Task<void> task);

    Running(Running&& other) noexcept
        : task_{std::exchange(other.task_, std::nullopt)}
    {}

    Running& operator=(Running other) noexcept
    {
        std::swap(task_, other.task_);
        return *this;
    }

    bool active() const { return task_ && !task_->finished(); }

private:
    std::optional<Task<void>> task_;
};

/// Starts a task that owns itself; by Gate::spawn() where it uses what may end before it does.
/// What it throws goes to the executor's report.
SARANG_API void spawn(Task<void> task);

} // namespace sarang
