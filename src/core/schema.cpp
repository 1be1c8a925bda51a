// SPDX-License-Identifier: Apache-2.0
#include "core/schema.h"

#include "core/nearest.h"

#include <algorithm>
#include <fmt/format.h>

namespace sarang {
namespace {

std::string did_you_mean(const std::string& word)
{
    return word.empty() ? std::string{} : fmt::format("; did you mean {}?", word);
}

} // namespace

std::shared_ptr<const OptionSpec> Schema::declare(OptionSpec spec)
{
    std::shared_ptr<const OptionSpec>& known = sections_[spec.section][spec.key];
    if (!known || *known != spec) {
        known = std::make_shared<const OptionSpec>(std::move(spec));
    }
    return known;
}

const OptionSpec* Schema::find(std::string_view section, std::string_view key) const
{
    const auto table = sections_.find(section);
    if (table == sections_.end()) {
        return nullptr;
    }
    const auto spec = table->second.find(key);
    return spec == table->second.end() ? nullptr : spec->second.get();
}

std::vector<std::shared_ptr<const OptionSpec>> Schema::specs() const
{
    std::vector<std::shared_ptr<const OptionSpec>> all;
    for (const auto& [section, specs] : sections_) {
        for (const auto& [key, spec] : specs) {
            all.push_back(spec);
        }
    }
    return all;
}

std::string Schema::str() const
{
    std::string lines;
    const auto shown = [](std::string text) { return text.empty() ? std::string{"-"} : text; };
    for (const auto& spec : specs()) {
        lines += fmt::format(
            "{}\t{}\t{}\t{}\t{}\t{}\n",
            spec->name(),
            spec->type(),
            shown(spec->text(spec->standard)),
            spec->bounds(),
            name(spec->effect),
            spec->description);
    }
    return lines;
}

std::vector<ConfigError> Schema::check(const Config& config) const
{
    std::vector<ConfigError> errors;
    for (const ConfigTable& table : config.tables()) {
        check_table(config, table, errors);
    }
    for (const ConfigEntry& entry : config.entries()) {
        check_entry(config, entry, errors);
    }
    std::stable_sort(errors.begin(), errors.end(), [](const ConfigError& a, const ConfigError& b) {
        return a.line < b.line;
    });
    return errors;
}

void Schema::check_table(
    const Config& config, const ConfigTable& table, std::vector<ConfigError>& errors) const
{
    if (!has_table(table.section)) {
        errors.push_back(config.error(table.line, unknown_table(table)));
    } else if (!table.host.empty() && !may_override(table.section)) {
        errors.push_back(config.error(
            table.line,
            fmt::format(
                "{}: [{}] is the server's, a host cannot change it", table.str(), table.section)));
    }
}

// What stands in a table that is wrong itself was told with the table.
void Schema::check_entry(
    const Config& config, const ConfigEntry& entry, std::vector<ConfigError>& errors) const
{
    const ConfigKey& key = entry.key;
    const std::uint32_t line = entry.value.line;
    if (key.section == "host" && key.host.empty()) {
        errors.push_back(config.error(
            line,
            fmt::format(
                "[host] holds only hosts: write [host.\"example.org\"] above {}",
                in_quotes(key.key))));
        return;
    }
    if (!key.section.empty() && !has_table(key.section)) {
        return;
    }
    if (!key.host.empty() && !may_override(key.section)) {
        return;
    }
    const OptionSpec* spec = find(key.section, key.key);
    if (spec == nullptr) {
        errors.push_back(config.error(line, unknown_key(key)));
    } else if (!key.host.empty() && !spec->per_host) {
        errors.push_back(config.error(
            line,
            fmt::format(
                "{}: {} is the server's, a host cannot change it", key.str(), spec->name())));
    } else if (const Result<OptionValue> value = spec->read(entry.value); !value) {
        errors.push_back(config.error(line, fmt::format("{}: {}", key.str(), value.error().text)));
    }
}

// Also one that only stands above others: [a] with [a.b].
bool Schema::has_table(std::string_view section) const
{
    if (sections_.contains(section)) {
        return true;
    }
    const std::string prefix = fmt::format("{}.", section);
    const auto next = sections_.lower_bound(prefix);
    return next != sections_.end() && next->first.starts_with(prefix);
}

bool Schema::may_override(std::string_view section) const
{
    const auto table = sections_.find(section);
    return table != sections_.end() &&
           std::any_of(table->second.begin(), table->second.end(), [](const auto& spec) {
               return spec.second->per_host;
           });
}

std::string Schema::unknown_table(const ConfigTable& table) const
{
    std::vector<std::string> known;
    for (const auto& [section, specs] : sections_) {
        if (table.host.empty() || may_override(section)) {
            known.push_back(section);
        }
    }
    const std::string meant = nearest(table.section, known);
    const std::string shown = meant.empty() ? meant : ConfigTable{table.host, meant, 0}.str();
    return fmt::format("unknown table {}{}", table.str(), did_you_mean(shown));
}

std::string Schema::unknown_key(const ConfigKey& key) const
{
    const std::string where =
        key.section.empty() ? std::string{"at the top"}
                            : fmt::format("in {}", ConfigTable{key.host, key.section, 0}.str());
    if (key.section.empty() && has_table(key.key)) {
        return fmt::format("{} is a table: write [{}]", in_quotes(key.key), key.key);
    }
    std::vector<std::string> known;
    if (const auto table = sections_.find(key.section); table != sections_.end()) {
        for (const auto& [name, spec] : table->second) {
            known.push_back(name);
        }
    }
    if (const std::string meant = nearest(key.key, known); !meant.empty()) {
        return fmt::format(
            "unknown key {} {}{}", in_quotes(key.key), where, did_you_mean(in_quotes(meant)));
    }
    return fmt::format("unknown key {} {}{}", in_quotes(key.key), where, elsewhere(key.key));
}

// A key that slipped below another table's heading.
std::string Schema::elsewhere(const std::string& key) const
{
    for (const auto& [section, specs] : sections_) {
        if (!specs.contains(key)) {
            continue;
        }
        if (section.empty()) {
            return "; it belongs at the top, above all tables";
        }
        return fmt::format("; it belongs in [{}]", section == "host" ? "host.\"…\"" : section);
    }
    return {};
}

} // namespace sarang
