// SPDX-License-Identifier: Apache-2.0
// Schema: every option that was declared, and the check of a whole Config against them.
// One per shard, touched by its thread alone; all shards declare the same. What a module declared
// stays known after its unload, so that its table in the file is no error then.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "core/config.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sarang {

enum class OptionKind : std::uint8_t { boolean, integer, duration, size, string, list, choice };

/// When a changed value counts.
enum class Effect : std::uint8_t { live, new_connections, restart };

/// "live", "new connections" or "restart".
SARANG_API std::string_view name(Effect effect);

/// A duration is kept in milliseconds, a size in bytes, a choice as the number of its value.
using OptionValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// What is declared of an option.
struct SARANG_API OptionSpec {
    std::string section; ///< empty at the top of the file; "host" for what only a host has
    std::string key;
    OptionKind kind = OptionKind::string;
    OptionValue standard; ///< what counts when the file says nothing
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::pair<std::string, std::int64_t>> choices;
    std::string description;
    Effect effect = Effect::live;
    bool per_host = false; ///< whether a host may override it

    bool operator==(const OptionSpec&) const = default;

    /// "offline.max_messages"
    std::string name() const;
    std::string type() const;
    /// "0..100000", "1s..", "one, two"; "-" when there are none.
    std::string bounds() const;
    /// A value as the file would have it, without quotes.
    std::string text(const OptionValue& value) const;
    /// Of the right type and within the bounds; else an error whose text says what is wrong.
    Result<OptionValue> read(const ConfigValue& value) const;
    /// What counts by this config for a host (none: for the server); a bad value is the default.
    OptionValue effective(const Config& config, std::string_view host) const;

private:
    Result<OptionValue> bounded(Result<OptionValue> value) const;
    Result<OptionValue> read_choice(const ConfigValue& value) const;
};

class SARANG_API Schema {
public:
    Schema() = default;
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    /// Declaring the same again is fine; another of that name takes the place of the first.
    std::shared_ptr<const OptionSpec> declare(OptionSpec spec);

    /// All that is wrong with a file, in the order of its lines: unknown tables and keys, wrong
    /// types, values out of bounds. Requires that all parts have declared their options.
    std::vector<ConfigError> check(const Config& config) const;

    const OptionSpec* find(std::string_view section, std::string_view key) const;
    /// Sorted by section and key; what stands at the top of the file comes first.
    std::vector<std::shared_ptr<const OptionSpec>> specs() const;

    /// A line for each option: name, type, default, bounds, effect, description, with tabs between.
    std::string str() const;

private:
    using Section = std::map<std::string, std::shared_ptr<const OptionSpec>, std::less<>>;

    void check_table(
        const Config& config, const ConfigTable& table, std::vector<ConfigError>& errors) const;
    void check_entry(
        const Config& config, const ConfigEntry& entry, std::vector<ConfigError>& errors) const;
    bool has_table(std::string_view section) const;
    bool may_override(std::string_view section) const;
    std::string unknown_table(const ConfigTable& table) const;
    std::string unknown_key(const ConfigKey& key) const;
    std::string elsewhere(const std::string& key) const;

    std::map<std::string, Section, std::less<>> sections_;
};

} // namespace sarang
