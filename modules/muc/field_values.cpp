// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/field_values.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sarang::muc {

Failure refuse(std::string_view var, std::string_view why)
{
    return fail(Condition::not_acceptable, std::string{var} + ": " + std::string{why});
}

Result<std::optional<std::string_view>> value_of(const DataForm& form, std::string_view var)
{
    const FormField* const field = form.find(var);
    if (field == nullptr || field->values.empty()) {
        return std::optional<std::string_view>{};
    }
    if (field->values.size() > 1) {
        return refuse(var, "only one value");
    }
    return std::optional<std::string_view>{field->values.front()};
}

Result<std::optional<std::string_view>>
text_of(const DataForm& form, std::string_view var, std::size_t limit)
{
    auto read = value_of(form, var);
    if (!read) {
        return std::move(read).failure();
    }
    if (!*read && form.find(var) != nullptr) {
        return std::optional<std::string_view>{""};
    }
    if (*read && (*read)->size() > limit) {
        return refuse(var, "at most " + std::to_string(limit) + " bytes");
    }
    return read;
}

Result<std::optional<bool>> flag_of(const DataForm& form, std::string_view var)
{
    auto read = form.boolean(var);
    if (!read) {
        return refuse(var, "true or false");
    }
    return read;
}

std::optional<std::uint32_t> number_of(std::string_view digits, std::uint32_t limit)
{
    std::uint32_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    const bool read = error == std::errc{} && stop == end && number <= limit;
    return read ? std::optional{number} : std::nullopt;
}

Result<std::optional<std::vector<Jid>>>
addresses_of(const DataForm& form, std::string_view var, std::size_t limit, bool bare)
{
    const FormField* const field = form.find(var);
    if (field == nullptr) {
        return std::optional<std::vector<Jid>>{};
    }
    std::vector<Jid> list;
    for (const std::string& text : field->values) {
        if (text.empty()) {
            continue;
        }
        const Result<Jid> jid = Jid::parse(text);
        if (!jid) {
            return refuse(var, "addresses only");
        }
        list.push_back(bare ? jid->bare() : *jid);
    }
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    if (list.size() > limit) {
        return refuse(var, "at most " + std::to_string(limit) + " addresses");
    }
    return std::optional{std::move(list)};
}

} // namespace sarang::muc
