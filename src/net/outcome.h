// SPDX-License-Identifier: Apache-2.0
// Outcome: what came of a deed on another thread.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace sarang::detail {

/// A value or an exception, brought from another thread.
template <class T>
struct Outcome {
    std::optional<T> value;
    std::exception_ptr exception;

    T take()
    {
        if (exception) {
            std::rethrow_exception(exception);
        }
        return std::move(*value);
    }
};

template <>
struct Outcome<void> {
    std::exception_ptr exception;

    void take()
    {
        if (exception) {
            std::rethrow_exception(exception);
        }
    }
};

/// Runs `deed` into an outcome. Never throws what the deed throws.
template <class T, class Deed>
Outcome<T> outcome_of(Deed& deed)
{
    Outcome<T> outcome;
    try {
        if constexpr (std::is_void_v<T>) {
            deed();
        } else {
            outcome.value.emplace(deed());
        }
    } catch (...) {
        outcome.exception = std::current_exception();
    }
    return outcome;
}

} // namespace sarang::detail
