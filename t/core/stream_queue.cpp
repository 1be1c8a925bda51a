// SPDX-License-Identifier: Apache-2.0
#include "core/stream_queue.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

constexpr std::uint32_t last = 0xffffffff;

StreamQueue::Entry entry(const std::string& id, const Ref<Delivery>& delivery = {})
{
    StreamQueue::Entry entry;
    entry.stanza.id = id;
    entry.delivery = delivery;
    return entry;
}

std::vector<std::string> ids(const StreamQueue& queue)
{
    std::vector<std::string> ids;
    for (const StreamQueue::Entry& entry : queue.entries()) {
        ids.push_back(entry.stanza.id);
    }
    return ids;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_queue)

BOOST_AUTO_TEST_CASE(what_is_acknowledged_is_forgotten_from_the_first_on)
{
    StreamQueue queue;
    for (const char* id : {"1", "2", "3"}) {
        queue.push(entry(id));
    }
    BOOST_TEST(queue.sent() == 3U);
    BOOST_TEST(queue.acknowledge(0));
    BOOST_TEST(queue.acknowledge(2));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"3"}));
    BOOST_TEST(queue.acknowledged() == 2U);
    BOOST_TEST(queue.acknowledge(2));
    BOOST_TEST(queue.acknowledge(3));
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_not_written_is_counted_by_itself)
{
    StreamQueue queue;
    queue.push(entry("1"));
    BOOST_TEST(queue.unwritten() == 0U);
    BOOST_TEST(queue.unwritten_bytes_before_newest() == 0U);
    const std::size_t one = queue.bytes();
    queue.push_unwritten(entry("2"));
    queue.push_unwritten(entry("3"));
    BOOST_TEST(queue.unwritten() == 2U);
    BOOST_TEST(queue.unwritten_bytes_before_newest() == one);
    BOOST_TEST(queue.acknowledge(1));
    BOOST_TEST(queue.unwritten_bytes_before_newest() == one);
    queue.all_written();
    BOOST_TEST(queue.unwritten() == 0U);
    queue.push_unwritten(entry("4"));
    BOOST_TEST(queue.unwritten_bytes_before_newest() == 0U);
}

BOOST_AUTO_TEST_CASE(more_than_was_sent_is_refused_and_less_than_before_says_nothing)
{
    StreamQueue queue;
    BOOST_TEST(!queue.acknowledge(1));
    queue.push(entry("1"));
    queue.push(entry("2"));
    BOOST_TEST(!queue.acknowledge(3));
    BOOST_TEST(!queue.acknowledge(0x7fffffff));
    BOOST_TEST(queue.acknowledge(1));
    BOOST_TEST(queue.acknowledge(0));
    BOOST_TEST(queue.acknowledge(last));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"2"}));
}

BOOST_AUTO_TEST_CASE(numbers_go_on_behind_the_largest_with_zero)
{
    StreamQueue queue{last - 1};
    for (const char* id : {"a", "b", "c"}) {
        queue.push(entry(id));
    }
    BOOST_TEST(queue.sent() == 1U);
    BOOST_TEST(queue.acknowledged() == last - 1);
    BOOST_TEST(!queue.acknowledge(2));
    BOOST_TEST(queue.acknowledge(last));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"b", "c"}));
    BOOST_TEST(queue.acknowledge(0));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"c"}));
    BOOST_TEST(queue.acknowledge(last));
    BOOST_TEST(queue.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_taken_is_gone_and_the_numbers_stay)
{
    StreamQueue queue;
    BOOST_TEST(queue.bytes_before_newest() == 0U);
    queue.push(entry("1"));
    BOOST_TEST(queue.bytes() > 0U);
    BOOST_TEST(queue.bytes_before_newest() == 0U);
    BOOST_TEST(queue.take().size() == 1U);
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.bytes() == 0U);
    BOOST_TEST(queue.sent() == 1U);
}

namespace {

StreamQueue::Entry presence(const std::string& from, const std::string& id, Type type)
{
    StreamQueue::Entry made = entry(id);
    made.stanza.kind = Kind::presence;
    made.stanza.type = type;
    made.stanza.from = Jid::parse(from).value();
    return made;
}

} // namespace

BOOST_AUTO_TEST_CASE(of_presence_that_waits_the_newest_of_each_sender_stays_in_its_place)
{
    StreamQueue queue;
    queue.push(presence("a@b/c", "written", Type::available));
    queue.push_unwritten(presence("a@b/c", "1", Type::available));
    queue.push_unwritten(presence("a@b/d", "2", Type::available));
    queue.push_unwritten(presence("a@b/c", "3", Type::subscribe));
    queue.push_unwritten(entry("4"));
    const std::size_t bytes = queue.bytes();
    queue.push_unwritten(presence("a@b/c", "5", Type::unavailable));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"written", "2", "3", "4", "5"}));
    BOOST_TEST(queue.bytes() == bytes);
    BOOST_TEST(queue.sent() == 5U);
    BOOST_TEST(queue.written() == 1U);
    queue.all_written();
    queue.push_unwritten(presence("a@b/c", "6", Type::available));
    BOOST_TEST(queue.size() == 6U);
}

BOOST_AUTO_TEST_CASE(all_that_a_room_says_of_the_client_itself_stays)
{
    const auto told = [](const std::string& id, Type type, bool itself) {
        StreamQueue::Entry made = presence("room@b/nick", id, type);
        Element x{"http://jabber.org/protocol/muc#user", "x"};
        x.add("status").set("code", itself ? "110" : "303");
        made.stanza.payload = Payload::make(x);
        return made;
    };
    StreamQueue queue;
    queue.push_unwritten(told("1", Type::available, true));
    queue.push_unwritten(told("2", Type::unavailable, true));
    queue.push_unwritten(told("3", Type::available, false));
    queue.push_unwritten(told("4", Type::unavailable, false));
    queue.push_unwritten(told("5", Type::available, true));
    BOOST_TEST((ids(queue) == std::vector<std::string>{"1", "2", "4", "5"}));
    BOOST_TEST(queue.sent() == 4U);
}

BOOST_AUTO_TEST_CASE(what_was_not_written_cannot_be_acknowledged)
{
    StreamQueue queue;
    queue.push(entry("1"));
    queue.push_unwritten(entry("2"));
    BOOST_TEST(!queue.acknowledge(2));
    BOOST_TEST(queue.acknowledge(1));
    queue.all_written();
    BOOST_TEST(queue.acknowledge(2));
    BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(the_last_that_gives_a_message_up_answers_for_it)
{
    const Ref<Delivery> delivery = Delivery::make();
    delivery->keep();
    delivery->keep();
    BOOST_TEST(!delivery->give_up());
    BOOST_TEST(delivery->give_up());
}

BOOST_AUTO_TEST_CASE(nobody_answers_for_a_message_that_one_client_acknowledged)
{
    const Ref<Delivery> delivery = Delivery::make();
    StreamQueue one;
    delivery->keep();
    one.push(entry("1", delivery));
    delivery->keep();
    BOOST_TEST(one.acknowledge(1));
    BOOST_TEST(!delivery->give_up());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
