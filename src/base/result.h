// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. The subset of std::expected's names that this house uses,
// since g++ 12 offers std::expected only beyond C++20.
#pragma once

#include "base/error.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sarang {

/// An Error on its way into a Result, and in it. It has a place of its own, since failures are
/// rare: what holds a Result without one, as every task's frame does, stays small.
class [[nodiscard]] Failure {
public:
    explicit Failure(Error error)
        : error_{std::make_unique<Error>(std::move(error))}
    {}

    Failure(const Failure& other)
        : error_{other.error_ ? std::make_unique<Error>(*other.error_) : nullptr}
    {}

    Failure(Failure&& other) noexcept = default;

    Failure& operator=(Failure other) noexcept
    {
        error_.swap(other.error_);
        return *this;
    }

    ~Failure() = default;

private:
    template <class T>
    friend class Result;

    Failure() = default;

    std::unique_ptr<Error> error_;
};

/// Makes a failure: `return fail(Condition::item_not_found, "No such room");`
inline Failure fail(Condition condition, std::string text = {}, std::string cause = {})
{
    return Failure{Error{condition, std::move(text), std::move(cause), std::nullopt}};
}

inline Failure fail(Error error)
{
    return Failure{std::move(error)};
}

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value)
        : value_{std::move(value)}
    {}

    Result(Failure failure)
        : failure_{std::move(failure)}
    {}

    bool has_value() const { return value_.has_value(); }

    explicit operator bool() const { return has_value(); }

    /// Requires has_value().
    T& value() & { return *value_; }

    const T& value() const& { return *value_; }

    T&& value() && { return std::move(*value_); }

    T& operator*() & { return *value_; }

    const T& operator*() const& { return *value_; }

    T&& operator*() && { return std::move(*value_); }

    T* operator->() { return &*value_; }

    const T* operator->() const { return &*value_; }

    /// Requires !has_value().
    Error& error() & { return *failure_.error_; }

    const Error& error() const& { return *failure_.error_; }

    Error&& error() && { return std::move(*failure_.error_); }

    /// To pass an error on: `return std::move(result).failure();` Requires !has_value().
    Failure&& failure() && { return std::move(failure_); }

    template <class U>
    T value_or(U&& other) const&
    {
        return has_value() ? value() : static_cast<T>(std::forward<U>(other));
    }

private:
    std::optional<T> value_;
    Failure failure_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;

    Result(Failure failure)
        : failure_{std::move(failure)}
    {}

    bool has_value() const { return !failure_.error_; }

    explicit operator bool() const { return has_value(); }

    void value() const {}

    /// Requires !has_value().
    Error& error() & { return *failure_.error_; }

    const Error& error() const& { return *failure_.error_; }

    Error&& error() && { return std::move(*failure_.error_); }

    /// To pass an error on: `return std::move(result).failure();` Requires !has_value().
    Failure&& failure() && { return std::move(failure_); }

private:
    Failure failure_;
};

} // namespace sarang
