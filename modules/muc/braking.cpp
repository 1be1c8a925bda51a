// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/braking.h"

#include <chrono>

#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

Result<void> take(Room& room, Pace& pace, const Jid& who)
{
    if (room.affiliation_of(who) >= Affiliation::admin) {
        return {};
    }
    const Milliseconds left = pace.take(who.bare(), room.clock().now(), room.muc.pace());
    return left > Milliseconds::zero() ? too_soon("Too much in a short time", left)
                                       : Result<void>{};
}

} // namespace

Failure too_soon(std::string_view what, Milliseconds left)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return fail(Error{
        Condition::policy_violation,
        std::string{what} + "; again in " + std::to_string(seconds) + " seconds",
        {},
        ErrorType::wait});
}

Result<void> not_too_fast(Room& room, const Jid& who)
{
    return take(room, room.pace, who);
}

Result<void> asks_not_too_fast(Room& room, const Jid& who)
{
    return take(room, room.asking, who);
}

// Who gives none asks whether there is one. Guests without an account count as one: else they came
// again as others.
Result<void> check_password(Room& room, const Jid& who, std::string_view password)
{
    if (room.config.password.empty()) {
        return {};
    }
    if (password.empty()) {
        return fail(Condition::not_authorized, "This room takes a password");
    }
    const Clock::Time now = room.clock().now();
    const Jid counted = room.muc.has_account(who) ? who.bare() : who.host();
    const Milliseconds left = room.passwords.left(counted, now);
    if (left > Milliseconds::zero()) {
        return too_soon("Too many wrong passwords", left);
    }
    if (password != room.config.password) {
        room.passwords.failed(counted, now, room.muc.password_pauses());
        return fail(Condition::not_authorized, "This room takes another password");
    }
    room.passwords.succeeded(counted);
    return {};
}

} // namespace sarang::muc
