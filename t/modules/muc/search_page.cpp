// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/search_page.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::muc {
namespace {

using Order = RoomSearch::Order;
using Names = std::vector<std::string>;

PublicRoom room(std::string name, std::size_t users = 0)
{
    PublicRoom made;
    made.room = std::move(name) + "@chat.lit";
    made.users = users;
    made.open = true;
    return made;
}

/// Two hundred of them, some of which are alike in their number of users, in no order.
std::vector<PublicRoom> many()
{
    std::vector<PublicRoom> rooms;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t number = i * 71 % 200;
        rooms.push_back(room(std::to_string(1000 + number), number % 7));
    }
    return rooms;
}

struct Page {
    Names names;
    std::string first;
    std::string last;
    std::string count;
};

std::string text_of(const Element& set, std::string_view name)
{
    const Element* const child = set.child(result_set_ns, name);
    return child != nullptr ? child->text() : "";
}

Page shown(SearchPage& page, const std::vector<PublicRoom>& rooms, const std::string& rest = {})
{
    for (const PublicRoom& one : rooms) {
        page.add(one);
    }
    const Element result = page.result(rest);
    Page made;
    for (const Element* const child : result.children()) {
        if (child->name() == "item") {
            const std::string_view address = child->attribute("address");
            made.names.emplace_back(address.substr(0, address.find('@')));
        }
    }
    const Element* const set = result.child(result_set_ns, "set");
    BOOST_TEST_REQUIRE(set != nullptr);
    made.first = text_of(*set, "first");
    made.last = text_of(*set, "last");
    made.count = text_of(*set, "count");
    return made;
}

SearchPage page_of(Order order, const ResultSetRequest& asked, std::size_t bound = 30)
{
    return SearchPage::of(order, asked, bound).value();
}

ResultSetRequest after(const std::string& place)
{
    ResultSetRequest asked;
    asked.after = place;
    return asked;
}

ResultSetRequest before(const std::string& place)
{
    ResultSetRequest asked;
    asked.before = place;
    return asked;
}

Names expected(Order order)
{
    std::vector<PublicRoom> rooms = many();
    std::ranges::sort(rooms, [order](const PublicRoom& one, const PublicRoom& other) {
        const bool by_users = order == Order::users && one.users != other.users;
        return by_users ? one.users > other.users : one.room < other.room;
    });
    Names names;
    for (const PublicRoom& one : rooms) {
        names.push_back(one.room.substr(0, one.room.find('@')));
    }
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_search_page)

BOOST_AUTO_TEST_CASE(pages_hold_each_room_once_in_order)
{
    for (const Order order : {Order::users, Order::address}) {
        Names forwards;
        for (std::string from;;) {
            SearchPage page = page_of(order, after(from));
            const Page made = shown(page, many());
            BOOST_TEST(made.names.size() <= 30U);
            BOOST_TEST(made.count == "200");
            if (made.names.empty()) {
                break;
            }
            forwards.insert(forwards.end(), made.names.begin(), made.names.end());
            from = made.last;
        }
        BOOST_TEST((forwards == expected(order)));
        Names backwards;
        for (std::string from;;) {
            SearchPage page = page_of(order, before(from));
            const Page made = shown(page, many());
            if (made.names.empty()) {
                break;
            }
            backwards.insert(backwards.begin(), made.names.begin(), made.names.end());
            from = made.first;
        }
        BOOST_TEST((backwards == expected(order)));
    }
}

BOOST_AUTO_TEST_CASE(a_page_has_as_many_as_are_wanted_but_not_more_than_the_bound)
{
    ResultSetRequest asked;
    asked.max = 7;
    SearchPage page = page_of(Order::users, asked);
    BOOST_TEST(shown(page, many()).names.size() == 7U);
    asked.max = 1000;
    SearchPage large = page_of(Order::users, asked);
    BOOST_TEST(shown(large, many()).names.size() == 30U);
    asked.max = 0;
    SearchPage none = page_of(Order::users, asked);
    const Page counted = shown(none, many());
    BOOST_TEST(counted.names.empty());
    BOOST_TEST(counted.first.empty());
    BOOST_TEST(counted.count == "200");
}

BOOST_AUTO_TEST_CASE(a_room_that_is_gone_is_a_place_still)
{
    const std::vector<PublicRoom> rooms{room("a", 3), room("b", 2), room("c", 1)};
    SearchPage page = page_of(Order::users, after(SearchPlace{"", "ab@chat.lit", 2}.text()));
    BOOST_TEST((shown(page, rooms).names == Names{"b", "c"}));
}

BOOST_AUTO_TEST_CASE(where_a_window_ends_the_next_page_begins_another)
{
    const std::string rest = "last@chat.lit";
    SearchPage first = page_of(Order::address, {});
    const Page full = shown(first, many(), rest);
    BOOST_TEST(full.names.size() == 30U);
    BOOST_TEST(full.count.empty());
    BOOST_TEST(SearchPlace::read(full.last)->window.empty());
    SearchPage end = page_of(Order::address, after(full.last));
    const Page ended = shown(end, {room("1000"), room("9999")}, rest);
    BOOST_TEST((ended.names == Names{"9999"}));
    BOOST_TEST((SearchPlace::read(ended.last) == SearchPlace{rest, {}, 0}));
    SearchPage next = page_of(Order::address, after(ended.last));
    BOOST_TEST(next.window() == rest);
    const Page other = shown(next, {room("0000")});
    BOOST_TEST((other.names == Names{"0000"}));
    BOOST_TEST(SearchPlace::read(other.last)->window == rest);
}

BOOST_AUTO_TEST_CASE(a_window_without_a_match_leads_on)
{
    SearchPage page = page_of(Order::users, {});
    const Page made = shown(page, {}, "last@chat.lit");
    BOOST_TEST(made.names.empty());
    BOOST_TEST((SearchPlace::read(made.last) == SearchPlace{"last@chat.lit", {}, 0}));
    SearchPage end = page_of(Order::users, after(made.last));
    BOOST_TEST(shown(end, {}).last.empty());
}

BOOST_AUTO_TEST_CASE(the_last_page_is_known_to_be_it)
{
    BOOST_TEST(page_of(Order::users, before("")).is_last());
    BOOST_TEST(!page_of(Order::users, before("-/1/a@chat.lit")).is_last());
    BOOST_TEST(!page_of(Order::users, {}).is_last());
}

BOOST_AUTO_TEST_CASE(what_is_no_place_is_not_found)
{
    for (const std::string text :
         {"/", "-/", "-/1", "-/1/", "-/x/a@chat.lit", "-/-1/a@chat.lit", "/1/a@chat.lit"}) {
        const auto page = SearchPage::of(Order::users, after(text), 30);
        BOOST_TEST_REQUIRE(!page.has_value());
        BOOST_TEST((page.error().condition == Condition::item_not_found));
    }
    ResultSetRequest third;
    third.index = 3;
    const auto page = SearchPage::of(Order::users, third, 30);
    BOOST_TEST_REQUIRE(!page.has_value());
    BOOST_TEST((page.error().condition == Condition::feature_not_implemented));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
