// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/history.h"

#include "xml/writer.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace sarang::muc {
namespace {

using namespace std::chrono_literals;

const Jid room = Jid::parse("coven@rooms.lit").value();
const Clock::Wall noon{std::chrono::hours{500'000}};

Stanza message(std::string id)
{
    Stanza stanza;
    stanza.type = Type::groupchat;
    stanza.id = std::move(id);
    Element body{ns::client, "body"};
    body.text("Double, double toil and trouble");
    stanza.payload = Payload::make(body);
    return stanza;
}

// Five messages, a minute apart, the last at noon.
History five(std::size_t most = 20)
{
    History history;
    for (int i = 1; i <= 5; ++i) {
        history.add(message(std::to_string(i)), noon - (5 - i) * 1min, {most, 100'000});
    }
    return history;
}

std::string ids(const History& history, const HistoryRequest& request, std::size_t most = 20)
{
    std::string all;
    for (const Stanza& stanza : history.replay(request, most, room, noon)) {
        all += stanza.id;
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_history)

BOOST_AUTO_TEST_CASE(the_last_messages_are_shown_in_order)
{
    BOOST_TEST(ids(five(), {}) == "12345");
    BOOST_TEST(ids(five(), {}, 2) == "45");
    BOOST_TEST(ids(five(3), {}) == "345");
}

BOOST_AUTO_TEST_CASE(as_many_are_shown_as_are_wanted)
{
    HistoryRequest request;
    request.max_stanzas = 3;
    BOOST_TEST(ids(five(), request) == "345");
    request.max_stanzas = 0;
    BOOST_TEST(ids(five(), request).empty());
}

BOOST_AUTO_TEST_CASE(the_first_go_where_there_is_no_room)
{
    History history;
    const std::size_t size = message("1").payload->bytes().size();
    for (int i = 1; i <= 9; ++i) {
        history.add(message(std::to_string(i)), noon, {20, 5 * size});
    }
    BOOST_TEST(ids(history, {}) == "56789");
    history.remove_if([](const Stanza& stanza) { return stanza.id == "7"; });
    history.add(message("0"), noon, {20, 5 * size});
    BOOST_TEST(ids(history, {}) == "56890");
}

BOOST_AUTO_TEST_CASE(what_is_too_long_is_left_to_the_archive)
{
    History history;
    const std::size_t size = message("1").payload->bytes().size();
    history.add(message("1"), noon, {20, 4 * size - 1});
    BOOST_TEST(history.empty());
}

BOOST_AUTO_TEST_CASE(those_since_a_moment_are_shown)
{
    HistoryRequest request;
    request.seconds = 120;
    BOOST_TEST(ids(five(), request) == "345");
    request.since = noon - 1min;
    BOOST_TEST(ids(five(), request) == "45");
}

BOOST_AUTO_TEST_CASE(as_many_are_shown_as_fit)
{
    const std::vector<Stanza> one = five().replay({}, 1, room, noon);
    BOOST_TEST_REQUIRE(one.size() == 1U);
    HistoryRequest request;
    request.max_chars = 0;
    BOOST_TEST(ids(five(), request).empty());
    std::string written;
    write_stanza(written, one[0]);
    request.max_chars = static_cast<std::uint32_t>(2 * written.size());
    BOOST_TEST(ids(five(), request) == "45");
    request.max_chars = *request.max_chars - 1;
    BOOST_TEST(ids(five(), request) == "5");
}

BOOST_AUTO_TEST_CASE(each_says_when_it_came)
{
    const std::vector<Stanza> shown = five().replay({}, 1, room, noon);
    BOOST_TEST_REQUIRE(shown.size() == 1U);
    BOOST_TEST(shown[0].added.find("from='coven@rooms.lit'") != std::string::npos);
    BOOST_TEST(shown[0].added.find("urn:xmpp:delay") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_message_is_found_by_the_name_that_its_room_gave_it)
{
    const auto named = [](std::string id, const char* by) {
        Stanza stanza = message(std::move(id));
        Element other{"urn:xmpp:sid:0", "stanza-id"};
        other.set("by", "forres@rooms.lit").set("id", "s1");
        Element own{"urn:xmpp:sid:0", "stanza-id"};
        own.set("by", by).set("id", "s2");
        stanza.payload = Payload::make(std::vector{other, own});
        return stanza;
    };
    History history;
    history.add(named("1", "forres@rooms.lit"), noon, {20, 100'000});
    history.add(named("2", "coven@rooms.lit"), noon, {20, 100'000});
    history.add(message("3"), noon, {20, 100'000});
    BOOST_TEST_REQUIRE(history.named(room, "s2") != nullptr);
    BOOST_TEST(history.named(room, "s2")->id == "2");
    BOOST_TEST(history.named(room, "s1") == nullptr);
    history.remove_if([](const Stanza& one) { return is_named(one, room, "s2"); });
    BOOST_TEST(history.named(room, "s2") == nullptr);
    BOOST_TEST(history.entries().size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
