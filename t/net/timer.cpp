// SPDX-License-Identifier: Apache-2.0
#include "net/timer.h"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "../fake/clock.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

struct Stage {
    ManualClock clock;
    TimerWheel wheel{clock};

    void pass(std::chrono::nanoseconds time)
    {
        clock.advance(time);
        wheel.forget_now();
        wheel.advance();
    }
};

struct Bell {
    explicit Bell(Stage& home)
        : stage{home}
    {}

    void ring()
    {
        ++rings;
        rung_at = stage.wheel.now();
        if (again > 0ns) {
            timer.schedule(stage.wheel, again);
        }
    }

    Stage& stage;
    int rings = 0;
    std::chrono::nanoseconds rung_at{};
    std::chrono::nanoseconds again{};
    Timer timer{Timer::calls<&Bell::ring>(*this)};
};

static_assert(sizeof(Timer) == 40);

} // namespace

BOOST_AUTO_TEST_SUITE(timer)

BOOST_AUTO_TEST_CASE(a_timer_fires_once_at_its_time_and_never_early)
{
    Stage stage;
    for (const auto after :
         {0ms, 1ms, 10ms, 15ms, 639ms, 640ms, 641ms, 41000ms, 60000ms, 3600000ms}) {
        Bell bell{stage};
        bell.timer.schedule(stage.wheel, after);
        BOOST_TEST(bell.timer.scheduled());
        const auto due = stage.wheel.now() + after;
        if (after > 1ms) {
            stage.pass(after - 1ms);
            BOOST_TEST(bell.rings == 0);
        }
        stage.pass(12ms);
        BOOST_TEST(bell.rings == 1);
        BOOST_TEST((bell.rung_at >= due));
        BOOST_TEST(!bell.timer.scheduled());
        stage.pass(10s);
        BOOST_TEST(bell.rings == 1);
    }
}

BOOST_AUTO_TEST_CASE(the_wheel_says_how_long_it_may_sleep)
{
    Stage stage;
    BOOST_TEST(!stage.wheel.next().has_value());
    BOOST_TEST(stage.wheel.idle());
    Bell bell{stage};
    bell.timer.schedule(stage.wheel, 100ms);
    BOOST_TEST((stage.wheel.next().value() == 100ms));
    stage.pass(40ms);
    BOOST_TEST((stage.wheel.next().value() == 60ms));
    stage.pass(60ms);
    BOOST_TEST(bell.rings == 1);
    BOOST_TEST(!stage.wheel.next().has_value());
}

BOOST_AUTO_TEST_CASE(following_the_advice_to_sleep_finds_every_timer)
{
    Stage stage;
    Bell bell{stage};
    const auto due = stage.wheel.now() + 123456780ms;
    bell.timer.schedule(stage.wheel, 123456780ms);
    int wakings = 0;
    while (bell.rings == 0) {
        stage.pass(stage.wheel.next().value());
        ++wakings;
    }
    BOOST_TEST((bell.rung_at >= due));
    BOOST_TEST((bell.rung_at < due + 20ms));
    BOOST_TEST(wakings < 10);
}

BOOST_AUTO_TEST_CASE(a_timer_is_moved_and_cancelled)
{
    Stage stage;
    Bell bell{stage};
    bell.timer.schedule(stage.wheel, 50ms);
    bell.timer.schedule(stage.wheel, 100ms);
    stage.pass(60ms);
    BOOST_TEST(bell.rings == 0);
    stage.pass(60ms);
    BOOST_TEST(bell.rings == 1);
    bell.timer.schedule(stage.wheel, 50ms);
    bell.timer.cancel();
    stage.pass(60ms);
    BOOST_TEST(bell.rings == 1);
    {
        Bell short_lived{stage};
        short_lived.timer.schedule(stage.wheel, 50ms);
    }
    stage.pass(60ms);
}

BOOST_AUTO_TEST_CASE(a_timer_may_schedule_itself_again)
{
    Stage stage;
    Bell bell{stage};
    bell.again = 100ms;
    bell.timer.schedule(stage.wheel, 100ms);
    for (int i = 0; i < 100; ++i) {
        stage.pass(10ms);
    }
    BOOST_TEST(bell.rings == 10);
    // A long pause is one ring, not many.
    stage.pass(10s);
    BOOST_TEST(bell.rings == 11);
}

BOOST_AUTO_TEST_CASE(a_timer_may_destroy_others_that_are_due_as_well)
{
    struct Mutual {
        void ring()
        {
            ++rings;
            other.reset();
        }

        int rings = 0;
        std::unique_ptr<Bell> other;
        Timer timer{Timer::calls<&Mutual::ring>(*this)};
    };

    Stage stage;
    Mutual mutual;
    mutual.other = std::make_unique<Bell>(stage);
    mutual.timer.schedule(stage.wheel, 50ms);
    mutual.other->timer.schedule(stage.wheel, 50ms);
    stage.pass(1s);
    BOOST_TEST(mutual.rings == 1);
}

BOOST_AUTO_TEST_CASE(timers_outlive_their_wheel_unscheduled)
{
    ManualClock clock;
    auto wheel = std::make_unique<TimerWheel>(clock);
    Stage stage;
    Bell bell{stage};
    bell.timer.schedule(*wheel, 5s);
    wheel.reset();
    BOOST_TEST(!bell.timer.scheduled());
}

BOOST_AUTO_TEST_CASE(many_random_timers_fire_in_time)
{
    Stage stage;
    std::mt19937 random{7};
    std::uniform_int_distribution<int> milliseconds{0, 2'000'000};
    std::deque<Bell> bells;
    std::vector<std::chrono::nanoseconds> due;
    for (int i = 0; i < 3000; ++i) {
        const std::chrono::milliseconds after{milliseconds(random)};
        bells.emplace_back(stage).timer.schedule(stage.wheel, after);
        due.push_back(stage.wheel.now() + after);
        stage.pass(std::chrono::milliseconds{milliseconds(random) % 30});
    }
    while (!stage.wheel.idle()) {
        stage.pass(std::chrono::milliseconds{1 + milliseconds(random) % 30});
    }
    bool in_time = true;
    for (std::size_t i = 0; i < bells.size(); ++i) {
        in_time = in_time && bells[i].rings == 1 && bells[i].rung_at >= due[i] &&
                  bells[i].rung_at <= due[i] + 50ms;
    }
    BOOST_TEST(in_time);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
