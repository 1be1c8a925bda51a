// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include "core/nearest.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

namespace sarang {
namespace {

// A name as TOML takes it: bare where it may be.
std::string toml_name(std::string_view name)
{
    const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    return bare ? std::string{name} : in_quotes(name);
}

std::string place(std::string_view host, std::string_view section)
{
    if (host.empty()) {
        return toml_name(section);
    }
    if (section == "host") {
        return fmt::format("host.{}", in_quotes(host));
    }
    return fmt::format("host.{}.{}", in_quotes(host), toml_name(section));
}

} // namespace

std::string_view ConfigValue::kind() const
{
    static constexpr std::array<std::string_view, 4> kinds{
        "a boolean", "an integer", "a string", "a list of strings"};
    if (const auto* other = std::get_if<Other>(&content)) {
        return other->kind;
    }
    return kinds[content.index()];
}

std::string ConfigKey::str() const
{
    if (section.empty() && host.empty()) {
        return toml_name(key);
    }
    const std::string table = place(host, section);
    return key.empty() ? table : fmt::format("{}.{}", table, toml_name(key));
}

std::string ConfigTable::str() const
{
    return fmt::format("[{}]", place(host, section));
}

std::string ConfigError::str() const
{
    return fmt::format("{}:{}: {}", path, line, text);
}

const ConfigValue* Config::find(const ConfigKey& key) const
{
    const ConfigEntry* found = entry(key);
    return found == nullptr ? nullptr : &found->value;
}

const ConfigEntry* Config::effective(const ConfigKey& key) const
{
    const ConfigEntry* found = entry(key);
    if (found != nullptr || key.host.empty()) {
        return found;
    }
    return entry(ConfigKey{{}, key.section, key.key});
}

std::string Config::resolve(std::string_view path) const
{
    const std::filesystem::path folder = std::filesystem::path{path_}.parent_path();
    return (folder / path).lexically_normal().string();
}

ConfigError Config::error(std::uint32_t line, std::string text) const
{
    return {path_, line, std::move(text)};
}

const ConfigEntry* Config::entry(const ConfigKey& key) const
{
    const auto found = std::lower_bound(
        entries_.begin(),
        entries_.end(),
        key,
        [](const ConfigEntry& entry, const ConfigKey& wanted) { return entry.key < wanted; });
    return found == entries_.end() || found->key != key ? nullptr : &*found;
}

} // namespace sarang
