// SPDX-License-Identifier: Apache-2.0
// Oneshot<T>: a value that one coroutine awaits and somebody delivers later.
#pragma once

#include "base/executor.h"

#include <coroutine>
#include <optional>
#include <utility>

namespace sarang {

/// A value that one side awaits, once, and the other delivers later, on the same executor. The
/// awaiting side owns it; the delivering side holds the one Sender, and either may go first. One
/// that goes without delivering leaves the other waiting, so what can fail delivers a Result.
template <class T>
class Oneshot {
public:
    class Sender {
    public:
        explicit Sender(Oneshot& receiver)
            : receiver_{&receiver}
        {
            receiver.sender_ = this;
        }

        Sender(const Sender&) = delete;
        Sender& operator=(const Sender&) = delete;

        ~Sender()
        {
            if (receiver_ != nullptr) {
                receiver_->sender_ = nullptr;
            }
        }

        /// Nothing happens when the receiver is gone.
        void deliver(T value)
        {
            if (receiver_ != nullptr) {
                receiver_->accept(std::move(value));
            }
        }

        bool abandoned() const { return receiver_ == nullptr; }

    private:
        friend class Oneshot;
        Oneshot* receiver_;
    };

    Oneshot() = default;
    Oneshot(const Oneshot&) = delete;
    Oneshot& operator=(const Oneshot&) = delete;

    ~Oneshot()
    {
        if (sender_ != nullptr) {
            sender_->receiver_ = nullptr;
        }
        if (waiter_ != nullptr) {
            waiter_->forget_slot();
        }
    }

    /// Delivers without a Sender.
    void accept(T value)
    {
        value_.emplace(std::move(value));
        if (waiter_ != nullptr) {
            waiter_->schedule();
        }
    }

    bool await_ready() const noexcept { return value_.has_value(); }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiter)
    {
        waiter.promise().wait_in(waiter_);
    }

    T await_resume() { return std::move(*value_); }

private:
    Sender* sender_ = nullptr;
    PromiseBase* waiter_ = nullptr;
    std::optional<T> value_;
};

} // namespace sarang
