// SPDX-License-Identifier: Apache-2.0
#include "base/gate.h"

#include "base/oneshot.h"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fake/loop.h"

namespace sarang {
namespace {

using Answer = Oneshot<int>;

Task<void> work(Answer& answer, int& done)
{
    done += co_await answer;
}

Task<void> close(Gate& gate, bool& closed)
{
    co_await gate.close();
    closed = true;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(gate, Loop)

BOOST_AUTO_TEST_CASE(an_empty_gate_closes_at_once)
{
    Gate gate;
    bool closed = false;
    spawn(close(gate, closed));
    BOOST_TEST(closed);
    BOOST_TEST(gate.closing());
}

BOOST_AUTO_TEST_CASE(close_waits_until_all_have_left)
{
    Gate gate;
    bool closed = false;
    auto first = gate.enter();
    auto second = gate.enter();
    spawn(close(gate, closed));
    first.reset();
    run();
    BOOST_TEST(!closed);
    second.reset();
    run();
    BOOST_TEST(closed);
}

BOOST_AUTO_TEST_CASE(close_waits_for_spawned_work)
{
    Gate gate;
    Answer answer;
    int done = 0;
    bool closed = false;
    gate.spawn(work(answer, done));
    BOOST_TEST(gate.inside() == 1);
    spawn(close(gate, closed));
    run();
    BOOST_TEST(!closed);
    answer.accept(1);
    run();
    BOOST_TEST(closed);
    BOOST_TEST(done == 1);
}

BOOST_AUTO_TEST_CASE(nobody_enters_a_gate_that_is_closing)
{
    Gate gate;
    Answer answer;
    answer.accept(1);
    int done = 0;
    bool closed = false;
    auto hold = gate.enter();
    spawn(close(gate, closed));
    BOOST_TEST(!gate.enter().has_value());
    gate.spawn(work(answer, done));
    BOOST_TEST(done == 0);
    BOOST_TEST(gate.inside() == 1);
    hold.reset();
    run();
    BOOST_TEST(closed);
}

BOOST_AUTO_TEST_CASE(several_may_wait_for_a_gate_to_close)
{
    auto gate = std::make_unique<Gate>();
    auto hold = gate->enter();
    bool first = false;
    bool second = false;
    bool cancelled = false;
    spawn(close(*gate, first));
    {
        const Running running{close(*gate, cancelled)};
        spawn(close(*gate, second));
    }
    hold.reset();
    gate.reset();
    run();
    BOOST_TEST(first);
    BOOST_TEST(second);
    BOOST_TEST(!cancelled);
}

namespace {

/// Looks, at its end, whether its owner is still there.
class Witness {
public:
    Witness(const bool& owner_is_there, bool& saw_owner)
        : owner_is_there_{&owner_is_there}
        , saw_owner_{&saw_owner}
    {}

    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

    ~Witness() { *saw_owner_ = *owner_is_there_; }

private:
    const bool* owner_is_there_;
    bool* saw_owner_;
};

Task<void> carry([[maybe_unused]] std::unique_ptr<Witness> witness, bool throws)
{
    co_await yield();
    if (throws) {
        throw std::runtime_error{"thrown"};
    }
}

Task<void> close_and_end(Gate& gate, bool& owner_is_there)
{
    co_await gate.close();
    owner_is_there = false;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_spawned_work_was_given_is_gone_before_the_gate_is_closed)
{
    for (const bool throws : {false, true}) {
        Gate gate;
        bool owner_is_there = true;
        bool saw_owner = false;
        gate.spawn(carry(std::make_unique<Witness>(owner_is_there, saw_owner), throws));
        spawn(close_and_end(gate, owner_is_there));
        run();
        BOOST_TEST(!owner_is_there);
        BOOST_TEST(saw_owner);
    }
    BOOST_TEST(thrown().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_hold_that_is_moved_is_counted_once)
{
    Gate gate;
    Gate::Hold first = *gate.enter();
    Gate::Hold second = std::move(first);
    BOOST_TEST(gate.inside() == 1);
    second = *gate.enter();
    BOOST_TEST(gate.inside() == 1);
}

BOOST_AUTO_TEST_CASE(a_gate_that_ends_with_work_inside_aborts)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        std::signal(SIGABRT, SIG_DFL);
        auto gate = std::make_unique<Gate>();
        const auto hold = gate->enter();
        gate.reset();
        ::_exit(0);
    }
    int status = 0;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
