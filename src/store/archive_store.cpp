// SPDX-License-Identifier: Apache-2.0
#include "store/archive_store.h"

#include <algorithm>

namespace sarang {
namespace {

constexpr Clock::Wall epoch{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};
constexpr unsigned time_shift = 23; // bucket and sequence

} // namespace

Clock::Wall time_of(ArchiveId id)
{
    return epoch + std::chrono::milliseconds{static_cast<std::uint64_t>(id) >> time_shift};
}

ArchiveId bound_of(Clock::Wall time)
{
    constexpr Clock::Wall::duration most{(std::int64_t{1} << 41U) - 1};
    const auto since = std::clamp(time - epoch, Clock::Wall::duration{0}, most);
    return ArchiveId{static_cast<std::uint64_t>(since.count()) << time_shift};
}

Error append_error(AppendOutcome outcome)
{
    switch (outcome) {
    case AppendOutcome::refused:
    case AppendOutcome::not_owner:
        return Error{Condition::resource_constraint, "It could not be kept; try again", {}, {}};
    case AppendOutcome::in_doubt:
        return Error{Condition::remote_server_timeout, "It may not have been kept", {}, {}};
    default:
        return Error{Condition::internal_server_error, "It could not be kept", {}, {}};
    }
}

} // namespace sarang
