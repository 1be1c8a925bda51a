// SPDX-License-Identifier: Apache-2.0
// Option<T>: a live value out of the configuration. Options: declares those of one part of the
// server, or of one module on one host, and carries a new Config to them. Both belong to one shard.
#pragma once

#include "base/api.h"
#include "core/config.h"
#include "core/schema.h"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
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

/// The part of an option that does not depend on its type. Stays where it was made: its Options
/// knows its address.
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

class SARANG_API Options {
public:
    template <class T>
    struct Choice {
        const char* name;
        T value;
    };

    /// Options of `section` (empty: the top of the file). With a host, spelt as in the file, its
    /// own tables come before the server's, and each option is one that a host may override.
    Options(
        Schema& schema,
        std::shared_ptr<const Config> config,
        std::string section,
        std::string host = {});
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;
    ~Options();

    // Each declares an option and reads its value, in the way of a member's initialiser:
    // `max_{options.integer("max_messages", 100, {0, 100'000}, "messages kept for one user")}`.
    // A value that Schema::check() would refuse gives the default.
    Option<bool>
    boolean(std::string key, bool standard, std::string description, Effect effect = Effect::live);
    Option<std::int64_t> integer(
        std::string key,
        std::int64_t standard,
        Bounds<std::int64_t> bounds,
        std::string description,
        Effect effect = Effect::live);
    /// Written as "500ms", "30s", "5m", "2h", "10d".
    Option<Milliseconds> duration(
        std::string key,
        Milliseconds standard,
        Bounds<Milliseconds> bounds,
        std::string description,
        Effect effect = Effect::live);
    /// In bytes, written as 10240, "10KiB", "512MiB", "1GiB".
    Option<std::size_t> size(
        std::string key,
        std::size_t standard,
        Bounds<std::size_t> bounds,
        std::string description,
        Effect effect = Effect::live);
    Option<std::string> string(
        std::string key,
        std::string standard,
        std::string description,
        Effect effect = Effect::live);
    Option<std::vector<std::string>> list(
        std::string key,
        std::vector<std::string> standard,
        std::string description,
        Effect effect = Effect::live);

    /// One of an enum's values, by name.
    template <class T>

    requires std::is_enum_v<T> Option<T> choice(
        std::string key,
        T standard,
        std::initializer_list<Choice<T>> choices,
        std::string description,
        Effect effect = Effect::live)
    {
        OptionSpec spec = describe(std::move(key), std::move(description), effect);
        spec.kind = OptionKind::choice;
        spec.standard = static_cast<std::int64_t>(standard);
        for (const Choice<T>& choice : choices) {
            spec.choices.emplace_back(choice.name, static_cast<std::int64_t>(choice.value));
        }
        return Option<T>{*this, declare(std::move(spec))};
    }

    /// Takes the values of a new Config, which was checked. Those for which it takes a restart
    /// stay; all that differ are told.
    std::vector<OptionChange> apply(std::shared_ptr<const Config> config);

    const std::string& section() const { return section_; }

    const std::string& host() const { return host_; }

    const Config& config() const { return *config_; }

private:
    friend class OptionBase;

    OptionSpec describe(std::string key, std::string description, Effect effect) const;
    std::shared_ptr<const OptionSpec> declare(OptionSpec spec);

    Schema& schema_;
    std::shared_ptr<const Config> config_;
    std::string section_;
    std::string host_;
    std::vector<OptionBase*> declared_;
};

} // namespace sarang
