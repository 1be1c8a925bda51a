// SPDX-License-Identifier: Apache-2.0
#include "modules/sm/marks.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr Clock::Wall monday{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

Mark mark(const std::string& name, std::uint32_t settled, bool all = false)
{
    return {name, settled, 0, all, monday, monday};
}

bool nobody(const Mark&)
{
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sm_marks)

BOOST_AUTO_TEST_CASE(what_was_settled_is_durable_when_it_is_read_again)
{
    Marks marks;
    marks.sessions = {mark("one", 7), mark("two", 0xffffffff, true)};
    const Marks back = Codec<Marks>::decode(Codec<Marks>::encode(marks)).value();
    BOOST_REQUIRE(back.sessions.size() == 2U);
    BOOST_TEST(back.sessions[0].name == "one");
    BOOST_TEST(back.sessions[0].settled == 7U);
    BOOST_TEST(back.sessions[0].durable == 7U);
    BOOST_TEST(!back.sessions[0].all);
    BOOST_TEST((back.sessions[0].since == monday && back.sessions[0].used == monday));
    BOOST_TEST(back.sessions[1].durable == 0xffffffffU);
    BOOST_TEST(back.sessions[1].all);
}

BOOST_AUTO_TEST_CASE(cut_bytes_are_refused)
{
    Marks marks;
    marks.sessions = {mark("one", 7)};
    const std::string whole = Codec<Marks>::encode(marks);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_TEST(!Codec<Marks>::decode(whole.substr(0, size)).has_value(), size);
    }
    BOOST_TEST(!Codec<Marks>::decode("\2" + whole.substr(1)).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_written_is_durable_and_no_more)
{
    Marks marks;
    marks.sessions = {mark("one", 5), mark("two", 3)};
    const Marks written = marks;
    marks.find("one")->settled = 9;
    marks.sessions.push_back(mark("three", 1));
    marks.now_durable(written);
    BOOST_TEST(marks.find("one")->durable == 5U);
    BOOST_TEST(marks.find("two")->durable == 3U);
    BOOST_TEST(marks.find("three")->durable == 0U);
    BOOST_TEST(marks.find("four") == nullptr);
}

BOOST_AUTO_TEST_CASE(former_sessions_are_forgotten_when_they_are_many_or_old)
{
    Marks marks;
    for (int i = 0; i < 10; ++i) {
        marks.sessions.push_back(mark("ended" + std::to_string(i), 0, true));
    }
    for (int i = 0; i < 50; ++i) {
        marks.sessions.push_back(mark("lost" + std::to_string(i), 0));
    }
    marks.tidy(monday + 1h, [](const Mark& one) { return one.name == "ended0"; });
    BOOST_TEST(marks.sessions.size() == 49U);
    BOOST_TEST(marks.find("ended0") != nullptr);
    BOOST_TEST(marks.find("ended1") == nullptr);
    BOOST_TEST(marks.find("ended2") != nullptr);
    BOOST_TEST(marks.find("lost9") == nullptr);
    BOOST_TEST(marks.find("lost10") != nullptr);
    marks.sessions = {mark("old", 1), mark("late", 2)};
    marks.tidy(monday + 1h, [](const Mark& one) { return one.name == "late"; });
    marks.tidy(monday + 25h + 1min, nobody);
    BOOST_REQUIRE(marks.sessions.size() == 1U);
    BOOST_TEST(marks.sessions[0].name == "late");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
