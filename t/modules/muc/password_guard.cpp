// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/password_guard.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

const Jid hag = Jid::parse("hag66@shakespeare.lit").value();
const Jid crone = Jid::parse("crone1@shakespeare.lit").value();
constexpr PasswordGuard::Pauses pauses{1s, 5s};
constexpr Clock::Time start{1h};

/// The pause after so many wrong ones, each as soon as it may be tried.
Milliseconds pause_after(PasswordGuard& guard, unsigned failures, Clock::Time& now)
{
    for (unsigned i = 0; i < failures; ++i) {
        now += guard.left(hag, now);
        guard.failed(hag, now, pauses);
    }
    return guard.left(hag, now);
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_password_guard)

BOOST_AUTO_TEST_CASE(after_some_wrong_ones_each_has_a_longer_pause)
{
    PasswordGuard guard;
    Clock::Time now = start;
    for (const int seconds : {0, 0, 1, 2, 4, 5, 5}) {
        BOOST_TEST(pause_after(guard, 1, now).count() == seconds * 1000);
    }
}

BOOST_AUTO_TEST_CASE(a_pause_ends)
{
    PasswordGuard guard;
    Clock::Time now = start;
    BOOST_TEST(pause_after(guard, 3, now).count() == 1000);
    BOOST_TEST(guard.left(hag, now + 999ms).count() == 1);
    BOOST_TEST(guard.left(hag, now + 1s).count() == 0);
    BOOST_TEST(guard.left(crone, now).count() == 0);
}

BOOST_AUTO_TEST_CASE(the_right_one_ends_it_and_so_does_time)
{
    PasswordGuard guard;
    Clock::Time now = start;
    pause_after(guard, 4, now);
    guard.succeeded(hag);
    BOOST_TEST(guard.size() == 0U);
    BOOST_TEST(pause_after(guard, 2, now).count() == 0);
    now += 10s;
    BOOST_TEST(pause_after(guard, 2, now).count() == 0);
    BOOST_TEST(pause_after(guard, 1, now).count() == 1000);
}

BOOST_AUTO_TEST_CASE(without_a_first_pause_there_are_none)
{
    PasswordGuard guard;
    for (int i = 0; i < 10; ++i) {
        guard.failed(hag, start, {0ms, 5s});
    }
    BOOST_TEST(guard.left(hag, start).count() == 0);
    BOOST_TEST(guard.size() == 0U);
}

BOOST_AUTO_TEST_CASE(it_is_bounded)
{
    PasswordGuard guard;
    Clock::Time now = start;
    pause_after(guard, 3, now);
    for (std::size_t i = 1; i < PasswordGuard::most_remembered; ++i) {
        guard.failed(Jid::parse("g" + std::to_string(i) + "@lit.example").value(), now, pauses);
    }
    BOOST_TEST(guard.size() == PasswordGuard::most_remembered);
    BOOST_TEST(guard.left(hag, now).count() == 1000);
    guard.failed(crone, now, pauses);
    BOOST_TEST(guard.size() == PasswordGuard::most_remembered);
    BOOST_TEST(guard.left(hag, now).count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
