// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"
#include "core/quantity.h"
#include "core/schema.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sarang {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

bool counts(OptionKind kind)
{
    return kind == OptionKind::integer || kind == OptionKind::duration || kind == OptionKind::size;
}

std::string_view wanted(OptionKind kind)
{
    static constexpr std::array<std::string_view, 7> texts{
        "true or false",
        "an integer",
        "a duration such as \"30s\"",
        "a size such as \"512KiB\"",
        "a string",
        "a list of strings",
        "a string"};
    return texts[static_cast<std::size_t>(kind)];
}

std::string shown(const ConfigValue& value)
{
    if (const auto* string = std::get_if<std::string>(&value.content)) {
        return in_quotes(*string);
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value.content)) {
        return std::to_string(*integer);
    }
    if (const auto* boolean = std::get_if<bool>(&value.content)) {
        return *boolean ? "true" : "false";
    }
    return "this";
}

Failure mistyped(OptionKind kind, const ConfigValue& value)
{
    return fail(
        Condition::bad_request,
        fmt::format("{} is {}, not {}", shown(value), value.kind(), wanted(kind)));
}

template <class T>
Result<OptionValue> read_as(OptionKind kind, const ConfigValue& value)
{
    if (const T* content = std::get_if<T>(&value.content)) {
        return OptionValue{*content};
    }
    return mistyped(kind, value);
}

Result<OptionValue> read_duration(const ConfigValue& value)
{
    if (std::holds_alternative<std::int64_t>(value.content)) {
        return fail(
            Condition::bad_request,
            fmt::format("{0} has no unit; write \"{0}s\", \"{0}m\" or the like", shown(value)));
    }
    const auto* text = std::get_if<std::string>(&value.content);
    if (text == nullptr) {
        return mistyped(OptionKind::duration, value);
    }
    const auto milliseconds = parse_duration(*text);
    if (!milliseconds) {
        return fail(
            Condition::bad_request,
            fmt::format(
                "{} is no duration; \"500ms\", \"30s\", \"5m\", \"2h\" and \"10d\" are",
                in_quotes(*text)));
    }
    return OptionValue{*milliseconds};
}

Result<OptionValue> read_size(const ConfigValue& value)
{
    const auto* text = std::get_if<std::string>(&value.content);
    if (text == nullptr) {
        return read_as<std::int64_t>(OptionKind::size, value);
    }
    const auto bytes = parse_size(*text);
    if (!bytes) {
        return fail(
            Condition::bad_request,
            fmt::format(
                "{} is no size; 10240, \"512KiB\", \"10MiB\" and \"1GiB\" are", in_quotes(*text)));
    }
    return OptionValue{*bytes};
}

} // namespace

std::string_view name(Effect effect)
{
    static constexpr std::array<std::string_view, 3> names{"live", "new connections", "restart"};
    return names[static_cast<std::size_t>(effect)];
}

std::string OptionSpec::name() const
{
    return section.empty() ? key : fmt::format("{}.{}", section, key);
}

std::string OptionSpec::type() const
{
    static constexpr std::array<std::string_view, 7> names{
        "boolean", "integer", "duration", "size", "string", "list", "choice"};
    return std::string{names[static_cast<std::size_t>(kind)]};
}

std::string OptionSpec::bounds() const
{
    if (kind == OptionKind::choice) {
        std::vector<std::string_view> names;
        for (const auto& [name, value] : choices) {
            names.push_back(name);
        }
        return fmt::format("{}", fmt::join(names, ", "));
    }
    const bool no_least = kind == OptionKind::integer ? least == Limits::min() : least <= 0;
    if (!counts(kind) || (no_least && most == Limits::max())) {
        return "-";
    }
    return fmt::format(
        "{}..{}",
        least == Limits::min() ? std::string{} : text(least),
        most == Limits::max() ? std::string{} : text(most));
}

std::string OptionSpec::text(const OptionValue& value) const
{
    if (const auto* boolean = std::get_if<bool>(&value)) {
        return *boolean ? "true" : "false";
    }
    if (const auto* string = std::get_if<std::string>(&value)) {
        return *string;
    }
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        return fmt::format("{}", fmt::join(*list, ", "));
    }
    const std::int64_t number = std::get<std::int64_t>(value);
    if (kind == OptionKind::duration) {
        return duration_text(number);
    }
    if (kind == OptionKind::size) {
        return size_text(number);
    }
    const auto choice = std::find_if(
        choices.begin(), choices.end(), [number](const auto& one) { return one.second == number; });
    return choice == choices.end() ? std::to_string(number) : choice->first;
}

Result<OptionValue> OptionSpec::read(const ConfigValue& value) const
{
    switch (kind) {
    case OptionKind::boolean:
        return read_as<bool>(kind, value);
    case OptionKind::integer:
        return bounded(read_as<std::int64_t>(kind, value));
    case OptionKind::duration:
        return bounded(read_duration(value));
    case OptionKind::size:
        return bounded(read_size(value));
    case OptionKind::string:
        return read_as<std::string>(kind, value);
    case OptionKind::list:
        return read_as<std::vector<std::string>>(kind, value);
    case OptionKind::choice:
        return read_choice(value);
    }
    return mistyped(kind, value);
}

Result<OptionValue> OptionSpec::bounded(Result<OptionValue> value) const
{
    if (!value) {
        return value;
    }
    const std::int64_t number = std::get<std::int64_t>(*value);
    if (number < least) {
        return fail(
            Condition::bad_request, fmt::format("{} is less than {}", text(number), text(least)));
    }
    if (number > most) {
        return fail(
            Condition::bad_request, fmt::format("{} is more than {}", text(number), text(most)));
    }
    return value;
}

Result<OptionValue> OptionSpec::read_choice(const ConfigValue& value) const
{
    const auto* text = std::get_if<std::string>(&value.content);
    if (text == nullptr) {
        return mistyped(kind, value);
    }
    std::vector<std::string> names;
    for (const auto& [name, number] : choices) {
        if (name == *text) {
            return OptionValue{number};
        }
        names.push_back(in_quotes(name));
    }
    return fail(
        Condition::bad_request,
        fmt::format("{} is none of {}", in_quotes(*text), fmt::join(names, ", ")));
}

OptionValue OptionSpec::effective(const Config& config, std::string_view host) const
{
    const ConfigEntry* entry =
        config.effective({per_host ? std::string{host} : std::string{}, section, key});
    if (entry == nullptr) {
        return standard;
    }
    return read(entry->value).value_or(standard);
}

} // namespace sarang
