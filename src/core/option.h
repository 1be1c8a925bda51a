// SPDX-License-Identifier: Apache-2.0
// Options: declares the options of one part of the server, or of one module on one host, and
// carries a new Config to them. Belongs to one shard.
#pragma once

#include "base/api.h"
#include "core/config.h"
#include "core/option_base.h"
#include "core/schema.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang {

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
