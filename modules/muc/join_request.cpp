// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/join_request.h"

#include "core/date_time.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

Failure malformed(std::string_view name)
{
    return fail(Condition::bad_request, "Malformed limit of history: " + std::string{name});
}

Result<std::optional<std::uint32_t>> number(const Element& history, std::string_view name)
{
    if (!history.has(name)) {
        return std::optional<std::uint32_t>{};
    }
    const std::string_view digits = history.attribute(name);
    const bool is_number =
        !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) {
        return malformed(name);
    }
    std::uint32_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return std::optional{
        read.ec == std::errc{} ? number : std::numeric_limits<std::uint32_t>::max()};
}

Result<HistoryRequest> read_history(const Element& history)
{
    auto max_chars = number(history, "maxchars");
    auto max_stanzas = number(history, "maxstanzas");
    auto seconds = number(history, "seconds");
    for (auto* const read : {&max_chars, &max_stanzas, &seconds}) {
        if (!*read) {
            return std::move(*read).failure();
        }
    }
    HistoryRequest request{*max_chars, *max_stanzas, *seconds, std::nullopt};
    if (history.has("since")) {
        request.since = parse_date_time(history.attribute("since"));
        if (!request.since) {
            return malformed("since");
        }
    }
    return request;
}

} // namespace

Result<JoinRequest> JoinRequest::read(const Element& x)
{
    JoinRequest request;
    if (const Element* const password = x.child(muc_ns, "password")) {
        request.password = password->text();
    }
    if (const Element* const history = x.child(muc_ns, "history")) {
        Result<HistoryRequest> read = read_history(*history);
        if (!read) {
            return std::move(read).failure();
        }
        request.history = std::move(*read);
    }
    if (const Element* const known = x.child(versions_ns, "mav")) {
        request.known_version = known->attribute("since");
    }
    return request;
}

} // namespace sarang::muc
