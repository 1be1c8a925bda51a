// SPDX-License-Identifier: Apache-2.0
#include "core/saved_session.h"

#include "core/message.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr Clock::Wall monday{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

Stanza stanza(const std::string& id)
{
    Stanza made;
    made.id = id;
    made.from = Jid::parse("juliet@capulet.example/balcony").value();
    return made;
}

SavedSession session(const std::string& name, Clock::Wall until)
{
    SavedSession made;
    made.resource = "orchard";
    made.name = name;
    made.limit = 300s;
    made.until = until;
    made.settled = 7;
    made.sent = 1;
    made.written = 0xffffffff;
    made.presence = stanza("presence");
    made.priority = -5;
    made.repeats_since = monday - 1h;
    made.repeats_left = 999;
    made.slots = {{"carbons.enabled", "\1"}, {"csi.inactivity", ""}};
    made.queue = {
        {stanza("a"), monday, 0}, {stanza("b"), monday + 1ms, 1}, {stanza("c"), monday, 2}};
    return made;
}

SavedSessions sample()
{
    return {
        {session("one", monday + 2h), session("two", monday + 1h)},
        {{true, std::nullopt}, {false, stanza("original")}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(saved_session)

BOOST_AUTO_TEST_CASE(a_session_comes_back_as_it_went)
{
    const SavedSessions back = decode_sessions(encode(sample())).value();
    BOOST_REQUIRE(back.sessions.size() == 2U);
    const SavedSession& one = back.sessions.front();
    BOOST_TEST(one.resource == "orchard");
    BOOST_TEST(one.name == "one");
    BOOST_TEST((one.limit == 300s && one.until == monday + 2h));
    BOOST_TEST(one.settled == 7U);
    BOOST_TEST(one.sent == 1U);
    BOOST_TEST(one.written == 0xffffffffU);
    BOOST_TEST(one.presence.value().id == "presence");
    BOOST_TEST(one.priority == -5);
    BOOST_TEST((one.repeats_since == monday - 1h && one.repeats_left == 999U));
    BOOST_TEST((one.slots == sample().sessions.front().slots));
    BOOST_REQUIRE(one.queue.size() == 3U);
    BOOST_TEST(one.queue[1].stanza.id == "b");
    BOOST_TEST((one.queue[1].time == monday + 1ms && one.queue[1].delivery == 1U));
    BOOST_REQUIRE(back.deliveries.size() == 2U);
    BOOST_TEST(back.deliveries[0].taken);
    BOOST_TEST(!back.deliveries[0].original.has_value());
    BOOST_TEST(back.deliveries[1].original.value().id == "original");
}

BOOST_AUTO_TEST_CASE(one_to_which_nobody_comes_back_has_no_name)
{
    SavedSessions saved = sample();
    saved.sessions[0].name.clear();
    BOOST_TEST(decode_sessions(encode(saved)).value().sessions[0].name.empty());
}

BOOST_AUTO_TEST_CASE(a_list_of_ends_comes_back_as_it_went)
{
    const std::vector<SavedEnd> ends{{monday, "a@b"}, {monday + 1ms, "c@d"}};
    const std::string bytes = encode(ends);
    BOOST_TEST((decode_ends(bytes) == ends));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!decode_ends(bytes.substr(0, size)).has_value(), size);
    }
}

BOOST_AUTO_TEST_CASE(numbers_that_do_not_fit_the_queue_are_refused)
{
    SavedSessions saved = sample();
    saved.sessions[0].written = saved.sessions[0].sent - 4;
    BOOST_TEST(!decode_sessions(encode(saved)).has_value());
    saved = sample();
    saved.sessions[0].written = saved.sessions[0].sent + 1;
    BOOST_TEST(!decode_sessions(encode(saved)).has_value());
    saved = sample();
    saved.sessions[0].queue[0].delivery = 3;
    BOOST_TEST(!decode_sessions(encode(saved)).has_value());
}

BOOST_AUTO_TEST_CASE(cut_or_changed_bytes_are_refused_or_read_without_harm)
{
    const std::string whole = encode(sample());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_TEST(!decode_sessions(whole.substr(0, size)).has_value(), size);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            static_cast<void>(decode_sessions(changed));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
