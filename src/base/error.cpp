// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <array>

namespace sarang {
namespace {

struct ConditionRow {
    std::string_view name;
    ErrorType type;
};

// In the order of the enum; types as RFC 6120 §8.3.3 gives them.
constexpr std::array<ConditionRow, 22> conditions{{
    {"bad-request", ErrorType::modify},
    {"conflict", ErrorType::cancel},
    {"feature-not-implemented", ErrorType::cancel},
    {"forbidden", ErrorType::auth},
    {"gone", ErrorType::cancel},
    {"internal-server-error", ErrorType::cancel},
    {"item-not-found", ErrorType::cancel},
    {"jid-malformed", ErrorType::modify},
    {"not-acceptable", ErrorType::modify},
    {"not-allowed", ErrorType::cancel},
    {"not-authorized", ErrorType::auth},
    {"policy-violation", ErrorType::modify},
    {"recipient-unavailable", ErrorType::wait},
    {"redirect", ErrorType::modify},
    {"registration-required", ErrorType::auth},
    {"remote-server-not-found", ErrorType::cancel},
    {"remote-server-timeout", ErrorType::wait},
    {"resource-constraint", ErrorType::wait},
    {"service-unavailable", ErrorType::cancel},
    {"subscription-required", ErrorType::auth},
    {"undefined-condition", ErrorType::cancel},
    {"unexpected-request", ErrorType::wait},
}};

constexpr std::array<std::string_view, 25> stream_conditions{
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
};

constexpr std::array<std::string_view, 5> types{"auth", "cancel", "continue", "modify", "wait"};

} // namespace

std::string_view name(Condition condition)
{
    return conditions[static_cast<std::size_t>(condition)].name;
}

std::string_view name(ErrorType type)
{
    return types[static_cast<std::size_t>(type)];
}

std::optional<Condition> condition_named(std::string_view name)
{
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (conditions[i].name == name) {
            return static_cast<Condition>(i);
        }
    }
    return std::nullopt;
}

ErrorType usual_type(Condition condition)
{
    return conditions[static_cast<std::size_t>(condition)].type;
}

std::string_view name(StreamCondition condition)
{
    return stream_conditions[static_cast<std::size_t>(condition)];
}

} // namespace sarang
