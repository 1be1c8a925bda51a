// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.h"

#include <charconv>
#include <limits>
#include <span>
#include <system_error>

namespace sarang {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// From the smallest on: the first is what counts when there is no rest in a larger one.
constexpr Unit durations[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
    {"y", 365 * std::int64_t{86'400'000}}};

// Longer than any clock goes.
constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
constexpr Unit sizes[] = {
    {"", 1},
    {"KiB", std::int64_t{1} << 10},
    {"MiB", std::int64_t{1} << 20},
    {"GiB", std::int64_t{1} << 30},
    {"TiB", std::int64_t{1} << 40}};

std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || text.front() == '-') {
        return std::nullopt;
    }
    const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (name == unit.name && number <= std::numeric_limits<std::int64_t>::max() / unit.factor) {
            return number * unit.factor;
        }
    }
    return std::nullopt;
}

std::string text(std::int64_t value, std::span<const Unit> units, std::string_view zero)
{
    if (value == 0) {
        return std::string{zero};
    }
    const Unit* largest = &units.front();
    for (const Unit& unit : units) {
        if (value % unit.factor == 0) {
            largest = &unit;
        }
    }
    return std::to_string(value / largest->factor).append(largest->name);
}

} // namespace

std::optional<std::int64_t> parse_duration(std::string_view text)
{
    return text == "forever" ? forever : parse(text, durations);
}

std::string duration_text(std::int64_t milliseconds)
{
    return milliseconds == forever ? "forever" : text(milliseconds, durations, "0s");
}

std::optional<std::int64_t> parse_size(std::string_view text)
{
    return parse(text, sizes);
}

std::string size_text(std::int64_t bytes)
{
    return text(bytes, sizes, "0");
}

} // namespace sarang
