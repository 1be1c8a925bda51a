// SPDX-License-Identifier: Apache-2.0
// What a room is told to do by those who run it, and waits for: orders of operators, and the
// answers of admins to who wants to register.
#include <exception>
#include <utility>

#include "modules/muc/actor.h"
#include "modules/muc/muc.h"
#include "modules/muc/orders.h"
#include "modules/muc/registering.h"

namespace sarang::muc {

void RoomActor::perform(Json order, Oneshot<Result<Json>>& answer)
{
    lane_.submit(
        std::unique_ptr<Order>{new Order{std::move(order), Oneshot<Result<Json>>::Sender{answer}}});
}

Task<void> RoomActor::carry_out(std::unique_ptr<Order> order)
{
    const bool existed = room_.exists;
    Result<Json> result = fail(Condition::internal_server_error);
    try {
        Task<Result<Json>> deed = obey(room_, std::move(order->words));
        result = co_await deed;
    } catch (const std::exception& exception) {
        result = fail(Condition::internal_server_error, exception.what()); // somebody waits for it
    } catch (...) {
        result = fail(Condition::internal_server_error, "an exception of no known type");
    }
    room_.muc.look_after(room_);
    if (existed && !room_.exists) {
        Task<void> loading = load_now();
        co_await loading;
    }
    order->sender.deliver(std::move(result));
}

Task<void> RoomActor::settle_applicant(Stanza message, Receipts::Hold)
{
    const auto inside = room_.muc.enter();
    Task<Result<void>> taking = take_answer(room_, message);
    const Result<void> taken = co_await taking;
    if (!taken) {
        bounce(message, taken.error());
    }
}

} // namespace sarang::muc
