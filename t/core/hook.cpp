// SPDX-License-Identifier: Apache-2.0
#include "core/hook.h"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "../fake/loop.h"

namespace sarang {
namespace {

struct Event {
    std::string trace;
};

struct Faults {
    std::vector<std::exception_ptr> seen;
    HookFault report = [this](std::exception_ptr fault) { seen.push_back(std::move(fault)); };
};

auto noting(char mark)
{
    return [mark](Event& event) {
        event.trace += mark;
        return Verdict::pass();
    };
}

Task<Verdict> note_later(Event& event, char mark, Oneshot<bool>& signal)
{
    const bool passes = co_await signal;
    event.trace += mark;
    co_return passes ? Verdict::pass() : Verdict::done();
}

Task<Verdict> note_at_once(Event& event, char mark)
{
    event.trace += mark;
    co_return Verdict::pass();
}

Task<Verdict> throw_later(Event& event)
{
    event.trace += '!';
    throw std::runtime_error{"late"};
    co_return Verdict::pass();
}

Task<void> run(AsyncChain<Event>& chain, Event& event, const HookFault& fault, bool& passed)
{
    const Verdict verdict = co_await chain.run(event, fault);
    passed = verdict.passes();
}

} // namespace

BOOST_AUTO_TEST_SUITE(hook)

BOOST_AUTO_TEST_CASE(handlers_run_by_priority_and_then_in_the_order_they_came)
{
    Faults faults;
    Chain<Event> chain;
    chain.add(priority::deliver, noting('d'));
    chain.add(priority::normal, noting('b'));
    chain.add(priority::normal, noting('c'));
    chain.add(priority::strip, noting('a'));
    Event event;
    BOOST_TEST(chain.run(event, faults.report).passes());
    BOOST_TEST(event.trace == "abcd");
}

BOOST_AUTO_TEST_CASE(the_first_verdict_that_does_not_pass_ends_the_chain)
{
    Faults faults;
    Chain<Event> chain;
    chain.add(priority::normal, noting('a'));
    chain.add(priority::normal, [](Event&) { return Verdict::bounce(Condition::forbidden); });
    chain.add(priority::normal, noting('b'));
    Event event;
    const Verdict verdict = chain.run(event, faults.report);
    BOOST_TEST(verdict.bounces());
    BOOST_TEST((verdict.error().condition == Condition::forbidden));
    BOOST_TEST(event.trace == "a");
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_refuses_and_is_reported)
{
    Faults faults;
    Chain<Event> chain;
    chain.add(priority::screen, [](Event&) -> Verdict { throw std::runtime_error{"broken"}; });
    Event event;
    const Verdict verdict = chain.run(event, faults.report);
    BOOST_TEST((verdict.error().condition == Condition::internal_server_error));
    BOOST_TEST(faults.seen.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_handler_may_remove_itself_and_others_while_the_chain_runs)
{
    Faults faults;
    Chain<Event> chain;
    Chain<Event>::Key self = 0;
    Chain<Event>::Key later = 0;
    self = chain.add(priority::normal, [&](Event& event) {
        event.trace += 'x';
        chain.remove(self);
        chain.remove(later);
        return Verdict::pass();
    });
    later = chain.add(priority::normal, noting('y'));
    chain.add(priority::normal, noting('z'));
    Event event;
    BOOST_TEST(chain.run(event, faults.report).passes());
    BOOST_TEST(event.trace == "xz");
    BOOST_TEST(chain.run(event, faults.report).passes());
    BOOST_TEST(event.trace == "xzz");
}

BOOST_AUTO_TEST_CASE(what_is_added_while_the_chain_runs_takes_part_from_the_next_time_on)
{
    Faults faults;
    Chain<Event> chain;
    bool added = false;
    chain.add(priority::normal, [&](Event&) {
        if (!added) {
            added = true;
            chain.add(priority::normal, noting('n'));
        }
        return Verdict::pass();
    });
    Event event;
    BOOST_TEST(chain.run(event, faults.report).passes());
    BOOST_TEST(event.trace.empty());
    BOOST_TEST(chain.run(event, faults.report).passes());
    BOOST_TEST(event.trace == "n");
}

BOOST_AUTO_TEST_CASE(a_notice_reaches_all_though_one_throws)
{
    Faults faults;
    Notice<Event> notice;
    notice.add(priority::normal, [](Event&) { throw std::runtime_error{"broken"}; });
    notice.add(priority::normal, [](Event& event) { event.trace += 'b'; });
    Event event;
    notice.run(event, faults.report);
    BOOST_TEST(event.trace == "b");
    BOOST_TEST(faults.seen.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_async_chain_waits_for_each_handler_in_turn)
{
    Loop loop;
    Faults faults;
    AsyncChain<Event> chain;
    Oneshot<bool> first;
    Oneshot<bool> second;
    chain.add(priority::normal, [&](Event& event) { return note_later(event, '1', first); });
    chain.add(priority::normal, [&](Event& event) { return note_later(event, '2', second); });
    Event event;
    bool passed = false;
    const Running running{run(chain, event, faults.report, passed)};
    second.accept(true);
    loop.run();
    BOOST_TEST(event.trace.empty());
    first.accept(true);
    loop.run();
    BOOST_TEST(event.trace == "12");
    BOOST_TEST(passed);
}

BOOST_AUTO_TEST_CASE(an_async_handler_that_is_removed_while_another_waits_does_not_run)
{
    Loop loop;
    Faults faults;
    AsyncChain<Event> chain;
    Oneshot<bool> first;
    Oneshot<bool> second;
    chain.add(priority::normal, [&](Event& event) { return note_later(event, '1', first); });
    const auto key =
        chain.add(priority::normal, [&](Event& event) { return note_later(event, '2', second); });
    Event event;
    bool passed = false;
    const Running running{run(chain, event, faults.report, passed)};
    chain.remove(key);
    first.accept(true);
    loop.run();
    BOOST_TEST(event.trace == "1");
    BOOST_TEST(passed);
}

BOOST_AUTO_TEST_CASE(
    what_is_added_while_others_wait_takes_part_in_the_next_run_though_they_still_wait)
{
    Loop loop;
    Faults faults;
    AsyncChain<Event> chain;
    Oneshot<bool> never;
    bool slow = true;
    chain.add(priority::normal, [&](Event& event) {
        Oneshot<bool>& signal = never;
        return slow ? note_later(event, '1', signal) : note_at_once(event, '1');
    });
    Event waiting;
    bool passed = false;
    const Running first{run(chain, waiting, faults.report, passed)};
    chain.add(priority::strip, [&](Event& event) { return note_at_once(event, '0'); });
    slow = false;
    Event event;
    const Running second{run(chain, event, faults.report, passed)};
    BOOST_TEST(event.trace == "01");
    never.accept(true);
    loop.run();
    BOOST_TEST(waiting.trace == "1");
}

BOOST_AUTO_TEST_CASE(an_async_handler_that_throws_refuses)
{
    Loop loop;
    Faults faults;
    AsyncChain<Event> chain;
    chain.add(priority::normal, [](Event&) -> Task<Verdict> { throw std::runtime_error{"early"}; });
    Event event;
    bool passed = true;
    const Running early{run(chain, event, faults.report, passed)};
    BOOST_TEST(!passed);
    chain.add(priority::strip, [](Event& each) { return throw_later(each); });
    passed = true;
    const Running late{run(chain, event, faults.report, passed)};
    BOOST_TEST(!passed);
    BOOST_TEST(faults.seen.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
