// SPDX-License-Identifier: Apache-2.0
#include "core/command_help.h"

#include "core/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sarang {
namespace {

std::string_view name(Parameter::Kind kind)
{
    static constexpr std::array<std::string_view, 7> names{
        "string", "jid", "host", "integer", "path", "input", "flag"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name(Parameter::Place place)
{
    static constexpr std::array<std::string_view, 4> names{
        "required", "optional", "repeated", "option"};
    return names[static_cast<std::size_t>(place)];
}

std::string completion(const CommandSpec& spec)
{
    std::string line = spec.words;
    for (const Parameter& parameter : spec.parameters) {
        line += parameter.place == Parameter::Place::option
                    ? fmt::format("\t--{}", parameter.name)
                    : fmt::format("\t{}", name(parameter.kind));
    }
    return line;
}

std::string list_text(const Json::Array& commands)
{
    std::size_t widest = 0;
    for (const Json& command : commands) {
        widest = std::max(widest, command.find("command")->string()->size());
    }
    std::string text = "usage: sarangctl [--json] [--socket PATH] COMMAND [ARGUMENT...]\n\n";
    for (const Json& command : commands) {
        text += fmt::format(
            "  {:<{}}  {}\n",
            *command.find("command")->string(),
            widest,
            *command.find("description")->string());
    }
    return text + "\n\"sarangctl help COMMAND\" says more of each.\n";
}

} // namespace

Json help_list(const CommandSpecs& specs)
{
    return help_group({}, specs);
}

Json help_group(const std::vector<std::string>& words, const CommandSpecs& specs)
{
    const std::string group = words.empty() ? "" : fmt::format("{} ", fmt::join(words, " "));
    Json list = Json::array();
    for (const CommandSpec* spec : specs) {
        if (spec->words.starts_with(group)) {
            Json command;
            command.set("command", spec->words).set("description", spec->description);
            list.add(std::move(command));
        }
    }
    return list;
}

Json help_of(const CommandSpec& spec)
{
    Json parameters = Json::array();
    for (const Parameter& parameter : spec.parameters) {
        Json one;
        one.set("name", parameter.name)
            .set("kind", name(parameter.kind))
            .set("place", name(parameter.place))
            .set("description", parameter.description);
        parameters.add(std::move(one));
    }
    Json command;
    command.set("command", spec.words)
        .set("description", spec.description)
        .set("parameters", std::move(parameters))
        .set("password", !spec.prompt.empty())
        .set("text", spec.help());
    return command;
}

Json help_completion(const CommandSpecs& specs)
{
    Json lines = Json::array();
    for (const CommandSpec* spec : specs) {
        lines.add(completion(*spec));
    }
    return lines;
}

std::string help_text(const Json& result)
{
    if (const Json* text = result.find("text")) {
        return *text->string();
    }
    const Json::Array& lines = *result.elements();
    if (!lines.empty() && lines.front().members() != nullptr) {
        return list_text(lines);
    }
    std::string text;
    for (const Json& line : lines) {
        text += *line.string() + '\n';
    }
    return text;
}

std::string unknown_command(const std::vector<std::string>& words, const CommandSpecs& specs)
{
    std::vector<std::string> known;
    for (const CommandSpec* spec : specs) {
        known.push_back(spec->words);
    }
    // Of the arguments nothing is known: at most two words are the command's name.
    const std::string one = words.front();
    const std::string two = words.size() > 1 ? fmt::format("{} {}", one, words[1]) : one;
    if (const Json group = help_group({one}, specs);
        !group.elements()->empty() && words.size() == 1) {
        std::vector<std::string> names;
        for (const Json& command : *group.elements()) {
            names.push_back(*command.find("command")->string());
        }
        return fmt::format("\"{}\" is not whole: there is {}", one, fmt::join(names, ", "));
    }
    for (const std::string& tried : {two, one}) {
        if (const std::string meant = nearest(tried, known); !meant.empty()) {
            return fmt::format("unknown command {}; did you mean \"{}\"?", in_quotes(tried), meant);
        }
    }
    return fmt::format(
        "unknown command {}; \"sarangctl help\" lists those that there are", in_quotes(two));
}

} // namespace sarang
