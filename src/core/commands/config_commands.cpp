// SPDX-License-Identifier: Apache-2.0
#include "core/commands/config_commands.h"

#include "core/nearest.h"

#include <fmt/format.h>
#include <utility>

namespace sarang {
namespace {

using Kind = Parameter::Kind;

std::string reload_text(const Json& result)
{
    std::string lines;
    for (const Json& change : *result.elements()) {
        lines += *change.find("text")->string() + '\n';
    }
    return lines.empty() ? "nothing has changed\n" : lines;
}

std::string check_text(const Json& result)
{
    return fmt::format("{} is fine\n", *result.find("file")->string());
}

bool wanted(const OptionSpec& spec, std::string_view prefix)
{
    const std::string name = spec.name();
    return prefix.empty() || name == prefix || name.starts_with(fmt::format("{}.", prefix));
}

} // namespace

std::string lines_of(const std::vector<ConfigError>& errors)
{
    std::string lines;
    for (const ConfigError& error : errors) {
        lines += (lines.empty() ? "" : "\n") + error.str();
    }
    return lines;
}

ConfigCommands::ConfigCommands(CommandRegistry& registry, ConfigOwner& owner)
    : owner_{owner}
{
    const auto enter = [&](CommandSpec spec,
                           Task<Result<Json>> (ConfigCommands::*deed)(CommandCall&)) {
        registered_.push_back(registry.add(std::move(spec), *this, deed));
    };
    enter(
        CommandSpec{"config check", "Says what is wrong with a configuration.", Permission::read}
            .optional(Kind::path, "file", "the one to check, instead of the server's own")
            .details("Nothing changes; \"config reload\" checks on its own.")
            .shown(check_text),
        &ConfigCommands::check);
    enter(
        CommandSpec{
            "config show",
            "Lists the options, their values and where they are from.",
            Permission::read}
            .optional(Kind::string, "part", "a table such as offline, or an option of it"),
        &ConfigCommands::show);
    enter(
        CommandSpec{
            "config reload", "Takes the configuration over, after a check.", Permission::operate}
            .details("Says what has changed, and which changes wait for a restart.")
            .shown(reload_text),
        &ConfigCommands::reload);
}

Task<Result<Json>> ConfigCommands::check(CommandCall& call)
{
    const std::string path = call.has("file") ? call.text("file") : owner_.config()->path();
    const std::shared_ptr<const Config> config = co_await ok(Config::load(path));
    const std::vector<ConfigError> errors = owner_.check(*config);
    if (!errors.empty()) {
        co_return fail(Condition::not_acceptable, lines_of(errors));
    }
    Json result;
    result.set("file", path).set("errors", Json::array());
    co_return result;
}

Task<Result<Json>> ConfigCommands::show(CommandCall& call)
{
    const std::string part = call.has("part") ? call.text("part") : std::string{};
    const std::shared_ptr<const Config> config = owner_.config();
    Json options = Json::array();
    for (const auto& spec : owner_.schema().specs()) {
        if (!wanted(*spec, part)) {
            continue;
        }
        if (spec->section != "host") {
            options.add(described(*spec, {}));
        }
        for (const ConfigHost& host : config->hosts()) {
            const bool own = config->find({host.name, spec->section, spec->key}) != nullptr;
            if (spec->per_host && (own || spec->section == "host")) {
                options.add(described(*spec, host.name));
            }
        }
    }
    if (options.elements()->empty()) {
        co_return fail(
            Condition::item_not_found, fmt::format("there is no option {}", in_quotes(part)));
    }
    co_return options;
}

Json ConfigCommands::described(const OptionSpec& spec, const std::string& host) const
{
    const std::shared_ptr<const Config> config =
        spec.effect == Effect::restart ? owner_.first_config() : owner_.config();
    const ConfigEntry* entry = config->effective({host, spec.section, spec.key});
    Json option;
    option.set("option", ConfigKey{host, spec.section, spec.key}.str())
        .set("value", spec.text(spec.effective(*config, host)))
        .set("default", spec.text(spec.standard))
        .set(
            "from",
            entry == nullptr ? "default" : fmt::format("{}:{}", config->path(), entry->value.line));
    return option;
}

Task<Result<Json>> ConfigCommands::reload(CommandCall&)
{
    const std::vector<OptionChange> changes = co_await ok(owner_.reload_config());
    Json result = Json::array();
    for (const OptionChange& change : changes) {
        Json one;
        one.set("option", change.key.str())
            .set("before", change.before)
            .set("after", change.after)
            .set("effect", name(change.effect))
            .set("text", change.str());
        result.add(std::move(one));
    }
    co_return result;
}

} // namespace sarang
