// SPDX-License-Identifier: Apache-2.0
// A module for tests: has every chain that may wait do so, for a random time, so that a stanza that
// could overtake another would.
#include "base/clock.h"
#include "core/module.h"
#include "net/shard.h"
#include "net/sleep.h"

#include <random>

namespace sarang {

class Slow final : public Module {
public:
    explicit Slow(Host& host)
        : Module{host}
        , longest_{options().duration("longest", Milliseconds{20}, {}, "the longest wait")}
    {
        on(hooks().from_account_async, &Slow::wait);
        on(hooks().to_account_async, &Slow::wait);
        on(hooks().subscription_out_async, &Slow::wait, priority::screen);
        on(hooks().subscription_in_async, &Slow::wait, priority::screen);
        on(hooks().undelivered_async, &Slow::wait, priority::screen);
        on(hooks().load_async, &Slow::wait_for_user);
    }

private:
    Task<Verdict> wait(const Passage&) { return some_time(); }

    Task<Verdict> wait_for_user(const UserEvent&) { return some_time(); }

    Task<Verdict> some_time()
    {
        std::uniform_int_distribution<std::int64_t> spread{0, longest_->count()};
        const Milliseconds time{spread(random_)};
        if (time.count() > 0) {
            co_await host().shard().sleep(time);
        }
        co_return Verdict::pass();
    }

    Option<Milliseconds> longest_;
    std::mt19937 random_{20};
};

} // namespace sarang

SARANG_MODULE(sarang::Slow)
