// SPDX-License-Identifier: Apache-2.0
#include "core/sasl_step.h"

#include <array>
#include <cstddef>

namespace sarang {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 11> condition_names{
    "aborted",
    "account-disabled",
    "credentials-expired",
    "encryption-required",
    "incorrect-encoding",
    "invalid-authzid",
    "invalid-mechanism",
    "malformed-request",
    "mechanism-too-weak",
    "not-authorized",
    "temporary-auth-failure",
};

} // namespace

std::string_view name(SaslCondition condition)
{
    return condition_names[static_cast<std::size_t>(condition)];
}

} // namespace sarang
