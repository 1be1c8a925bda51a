// SPDX-License-Identifier: Apache-2.0
#include "core/command_spec.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <fmt/format.h>

namespace sarang {
namespace {

std::string in_capitals(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
    return text;
}

std::string shown(const Parameter& parameter)
{
    const std::string name = in_capitals(parameter.name);
    switch (parameter.place) {
    case Parameter::Place::required:
        return name;
    case Parameter::Place::optional:
        return fmt::format("[{}]", name);
    case Parameter::Place::rest:
        return fmt::format("[{}...]", name);
    case Parameter::Place::option:
        break;
    }
    if (parameter.kind == Parameter::Kind::flag) {
        return fmt::format("[--{}]", parameter.name);
    }
    static constexpr std::array<std::string_view, 7> kinds{
        "TEXT", "JID", "HOST", "NUMBER", "PATH", "FILE", ""};
    return fmt::format(
        "[--{} {}]", parameter.name, kinds[static_cast<std::size_t>(parameter.kind)]);
}

} // namespace

CommandSpec::CommandSpec(std::string its_words, std::string what, Permission needed)
    : words{std::move(its_words)}
    , description{std::move(what)}
    , permission{needed}
{}

CommandSpec& CommandSpec::required(Parameter::Kind kind, std::string name, std::string what)
{
    return add({kind, Parameter::Place::required, std::move(name), std::move(what)});
}

CommandSpec& CommandSpec::optional(Parameter::Kind kind, std::string name, std::string what)
{
    return add({kind, Parameter::Place::optional, std::move(name), std::move(what)});
}

CommandSpec& CommandSpec::rest(std::string name, std::string what)
{
    return add({Parameter::Kind::string, Parameter::Place::rest, std::move(name), std::move(what)});
}

CommandSpec& CommandSpec::option(Parameter::Kind kind, std::string name, std::string what)
{
    return add({kind, Parameter::Place::option, std::move(name), std::move(what)});
}

CommandSpec& CommandSpec::flag(std::string name, std::string what)
{
    return add({Parameter::Kind::flag, Parameter::Place::option, std::move(name), std::move(what)});
}

CommandSpec& CommandSpec::password(std::string its_prompt, bool fresh)
{
    prompt = std::move(its_prompt);
    fresh_password = fresh;
    return *this;
}

CommandSpec& CommandSpec::shown(Text its_text)
{
    text = std::move(its_text);
    return *this;
}

CommandSpec& CommandSpec::details(std::string its_details)
{
    more = std::move(its_details);
    return *this;
}

CommandSpec& CommandSpec::add(Parameter parameter)
{
    parameters.push_back(std::move(parameter));
    return *this;
}

const Parameter* CommandSpec::find(std::string_view name) const
{
    const auto found = std::find_if(
        parameters.begin(), parameters.end(), [name](const auto& one) { return one.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

std::string CommandSpec::usage() const
{
    std::string line = words;
    for (const bool options : {true, false}) {
        for (const Parameter& parameter : parameters) {
            if ((parameter.place == Parameter::Place::option) == options) {
                line += fmt::format(" {}", sarang::shown(parameter));
            }
        }
    }
    return line;
}

std::string CommandSpec::help() const
{
    std::string lines = fmt::format("usage: sarangctl {}\n\n{}\n", usage(), description);
    if (!more.empty()) {
        lines += fmt::format("{}\n", more);
    }
    std::size_t width = 0;
    for (const Parameter& parameter : parameters) {
        width = std::max(width, sarang::shown(parameter).size());
    }
    lines += parameters.empty() ? "" : "\n";
    for (const Parameter& parameter : parameters) {
        lines +=
            fmt::format("  {:<{}}  {}\n", sarang::shown(parameter), width, parameter.description);
    }
    if (!prompt.empty()) {
        lines +=
            "\nThe password is asked for on a terminal; --password-stdin reads it from there.\n";
    }
    return lines;
}

} // namespace sarang
