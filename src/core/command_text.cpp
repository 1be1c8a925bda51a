// SPDX-License-Identifier: Apache-2.0
#include "core/command_text.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <map>
#include <utility>
#include <vector>

namespace sarang {
namespace {

using Row = std::vector<std::string>;

bool is_plain(const Json& value)
{
    return value.elements() == nullptr && value.members() == nullptr;
}

// What could move the cursor of a terminal is shown, not done.
std::string harmless(std::string_view text)
{
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        safe += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return safe;
}

// What fits into a cell.
std::string cell(const Json& value)
{
    if (value.is_null()) {
        return "-";
    }
    if (const auto* string = value.string()) {
        return string->empty() ? "-" : harmless(*string);
    }
    if (const auto* boolean = value.boolean()) {
        return *boolean ? "yes" : "no";
    }
    if (const auto* number = value.number()) {
        return fmt::format("{:.2f}", *number);
    }
    const auto* elements = value.elements();
    if (elements == nullptr || !std::all_of(elements->begin(), elements->end(), is_plain)) {
        return value.dump();
    }
    std::string joined;
    for (const Json& element : *elements) {
        joined += fmt::format("{}{}", joined.empty() ? "" : ", ", cell(element));
    }
    return joined.empty() ? "-" : joined;
}

// Columns on a terminal: what continues a UTF-8 sequence takes none. Wide characters are not
// told from others.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

void pad(std::string& line, std::string_view text, std::size_t columns)
{
    line += text;
    line.append(columns - std::min(columns, width(text)), ' ');
}

bool is_table(const Json& value)
{
    const auto* rows = value.elements();
    return rows != nullptr && !rows->empty() &&
           std::all_of(rows->begin(), rows->end(), [](const Json& row) {
               return row.members() != nullptr;
           });
}

std::vector<std::string> columns_of(const Json::Array& rows)
{
    std::vector<std::string> columns;
    std::map<std::string_view, bool> seen;
    for (const Json& row : rows) {
        for (const Json::Member& member : *row.members()) {
            if (!std::exchange(seen[member.name], true)) {
                columns.push_back(member.name);
            }
        }
    }
    return columns;
}

std::string aligned(const std::vector<Row>& lines, std::string_view indent)
{
    std::vector<std::size_t> widths(lines.front().size());
    for (const Row& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], width(line[i]) + 2);
        }
    }
    widths.back() = 0; // the last column is not padded
    std::string text;
    for (const Row& line : lines) {
        text += indent;
        for (std::size_t i = 0; i < line.size(); ++i) {
            pad(text, line[i], widths[i]);
        }
        text += '\n';
    }
    return text;
}

std::string table(const Json::Array& rows, std::string_view indent)
{
    const std::vector<std::string> columns = columns_of(rows);
    std::vector<Row> lines;
    Row& head = lines.emplace_back();
    for (const std::string& column : columns) {
        head.push_back(column);
        std::replace(head.back().begin(), head.back().end(), '_', ' ');
    }
    for (const Json& row : rows) {
        Row& line = lines.emplace_back();
        for (const std::string& column : columns) {
            const Json* value = row.find(column);
            line.push_back(value == nullptr ? "-" : cell(*value));
        }
    }
    return aligned(lines, indent);
}

std::string pairs(const Json::Object& members, const std::string& indent)
{
    std::size_t widest = 0;
    for (const Json::Member& member : members) {
        widest = std::max(widest, width(member.name));
    }
    std::string text;
    for (const Json::Member& member : members) {
        std::string name = member.name;
        std::replace(name.begin(), name.end(), '_', ' ');
        text += indent;
        if (is_table(member.value)) {
            text += fmt::format("{}:\n{}", name, table(*member.value.elements(), indent + "  "));
        } else if (const auto* inner = member.value.members();
                   inner != nullptr && !inner->empty()) {
            text += fmt::format("{}:\n{}", name, pairs(*inner, indent + "  "));
        } else {
            pad(text, name + ":", widest + 2);
            text += cell(member.value) + '\n';
        }
    }
    return text;
}

} // namespace

std::string text_of(const Json& result)
{
    if (result.is_null()) {
        return {};
    }
    if (const auto* string = result.string()) {
        return *string + '\n';
    }
    if (const auto* members = result.members()) {
        return pairs(*members, {});
    }
    const auto* elements = result.elements();
    if (elements == nullptr) {
        return cell(result) + '\n';
    }
    if (is_table(result)) {
        return table(*elements, {});
    }
    std::string lines;
    for (const Json& element : *elements) {
        lines += cell(element) + '\n';
    }
    return lines;
}

std::string line_of(const Json& row)
{
    const auto* members = row.members();
    if (members == nullptr) {
        return cell(row) + '\n';
    }
    std::string line;
    for (const Json::Member& member : *members) {
        line += fmt::format("{}{}", line.empty() ? "" : "\t", cell(member.value));
    }
    return line + '\n';
}

} // namespace sarang
