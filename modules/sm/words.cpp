// SPDX-License-Identifier: Apache-2.0
#include "modules/sm/words.h"

#include "xml/ns.h"

#include <charconv>
#include <string>

namespace sarang {

std::optional<std::uint32_t> unsigned_int(std::string_view text)
{
    std::uint32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

bool is_true(std::string_view text)
{
    return text == "true" || text == "1";
}

Element counted(std::string_view name, std::uint32_t h)
{
    Element element{sm_ns, name};
    element.set("h", std::to_string(h));
    return element;
}

Element failed(Condition condition)
{
    Element element{sm_ns, "failed"};
    element.add(ns::stanzas, name(condition));
    return element;
}

StreamError too_high(std::uint32_t h, std::uint32_t sent)
{
    Element condition = counted("handled-count-too-high", h);
    condition.set("send-count", std::to_string(sent));
    return {StreamCondition::undefined_condition, "So many were not sent", condition.str()};
}

} // namespace sarang
