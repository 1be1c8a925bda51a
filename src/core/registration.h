// SPDX-License-Identifier: Apache-2.0
// Registration: something that was entered into a registry, and is taken back with its owner.
// Whoever registers keeps it; the registry must outlive it.
#pragma once

#include <functional>
#include <utility>

namespace sarang {

class [[nodiscard]] Registration {
public:
    Registration() = default;

    explicit Registration(std::function<void()> undo)
        : undo_{std::move(undo)}
    {}

    Registration(Registration&& other) noexcept
        : undo_{std::exchange(other.undo_, nullptr)}
    {}

    Registration& operator=(Registration other) noexcept
    {
        std::swap(undo_, other.undo_);
        return *this;
    }

    ~Registration()
    {
        if (undo_) {
            undo_();
        }
    }

    explicit operator bool() const { return static_cast<bool>(undo_); }

private:
    std::function<void()> undo_;
};

} // namespace sarang
