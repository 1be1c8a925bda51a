// SPDX-License-Identifier: Apache-2.0
#include "core/result_set.h"

#include <charconv>
#include <string>

namespace sarang {
namespace {

Result<std::optional<std::size_t>> number(const Element& set, std::string_view name)
{
    const Element* const child = set.child(result_set_ns, name);
    if (child == nullptr) {
        return std::optional<std::size_t>{};
    }
    const std::string text = child->text();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return fail(Condition::bad_request, "No number in <" + std::string{name} + "/>");
    }
    return std::optional{value};
}

std::optional<std::string> text(const Element& set, std::string_view name)
{
    const Element* const child = set.child(result_set_ns, name);
    return child != nullptr ? std::optional{child->text()} : std::nullopt;
}

} // namespace

Result<ResultSetRequest> ResultSetRequest::read(const Element& request)
{
    const Element* const set = request.child(result_set_ns, "set");
    if (set == nullptr) {
        return ResultSetRequest{};
    }
    auto max = number(*set, "max");
    auto index = number(*set, "index");
    if (!max || !index) {
        return std::move(max ? index : max).failure();
    }
    ResultSetRequest read;
    read.max = *max;
    read.index = *index;
    read.after = text(*set, "after");
    read.before = text(*set, "before");
    return read;
}

Element ResultSetAnswer::element() const
{
    Element set{result_set_ns, "set"};
    if (!first.empty()) {
        Element& element = set.add("first").text(first);
        if (index) {
            element.set("index", std::to_string(*index));
        }
        set.add("last").text(last);
    }
    if (count) {
        set.add("count").text(std::to_string(*count));
    }
    return set;
}

} // namespace sarang
