// SPDX-License-Identifier: Apache-2.0
// Option<T>: a live value out of the configuration. It is declared by an Options (core/option.h),
// stays where it was made, and belongs to that one's shard.
#pragma once

#include "base/api.h"
#include "core/config.h"
#include "core/schema.h"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sarang {

class Options;

/// What became of an option whose value in the file is not the one it has.
struct SARANG_API OptionChange {
    ConfigKey key;
    std::string before;
    std::string after;
    Effect effect = Effect::live; ///< for `restart` the value still is `before`

    bool operator==(const OptionChange&) const = default;

    /// "offline.max_messages: 100 -> 10, took effect"
    std::string str() const;
};

/// The part of an option that does not depend on its type.
class SARANG_API OptionBase {
public:
    OptionBase(const OptionBase&) = delete;
    OptionBase& operator=(const OptionBase&) = delete;

    const OptionSpec& spec() const { return *spec_; }

protected:
    OptionBase(Options& options, std::shared_ptr<const OptionSpec> spec);
    virtual ~OptionBase();

    const OptionValue& current() const { return current_; }

private:
    friend class Options;

    virtual void assign() = 0;

    Options* options_;
    std::shared_ptr<const OptionSpec> spec_;
    OptionValue current_;
};

template <class T>
class Option final : public OptionBase {
public:
    const T& operator*() const { return value_; }

    const T* operator->() const { return &value_; }

    /// Called with the new value after a reload changed it; not for the first value.
    void on_change(std::function<void(const T&)> deed) { on_change_ = std::move(deed); }

private:
    friend class Options;

    Option(Options& options, std::shared_ptr<const OptionSpec> spec)
        : OptionBase{options, std::move(spec)}
        , value_{converted()}
    {}

    T converted() const
    {
        if constexpr (std::same_as<T, bool> || std::same_as<T, std::string>) {
            return std::get<T>(current());
        } else if constexpr (std::same_as<T, std::vector<std::string>>) {
            return std::get<T>(current());
        } else {
            return static_cast<T>(std::get<std::int64_t>(current()));
        }
    }

    void assign() override
    {
        value_ = converted();
        if (on_change_) {
            on_change_(value_);
        }
    }

    T value_;
    std::function<void(const T&)> on_change_;
};

/// The least and the greatest value that are allowed.
template <class T>
struct Bounds {
    T least{};
    T most = std::numeric_limits<T>::max();
};

using Milliseconds = std::chrono::milliseconds;

template <>
struct Bounds<Milliseconds> {
    Milliseconds least{0};
    Milliseconds most = Milliseconds::max();
};

} // namespace sarang
