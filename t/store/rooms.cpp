// SPDX-License-Identifier: Apache-2.0
#include "store/room_store.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "backends.h"
#include "files.h"

namespace sarang {
namespace {

constexpr const char* host = "chat.shakespeare.example";
constexpr const char* elsewhere = "chat.verona.example";
constexpr const char* garden = "garden@chat.shakespeare.example";
constexpr const char* balcony = "balcony@chat.shakespeare.example";
constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* romeo = "romeo@montague.example";

using Affiliations = std::vector<StoredAffiliation>;
using Listings = std::vector<RoomListing>;

RoomHead head(std::string title = {}, bool listed = true)
{
    return {host, std::move(title), listed, "config", "state"};
}

std::string room(int number)
{
    return "room" + std::to_string(number) + '@' + host;
}

std::string member(int number)
{
    return "member" + std::to_string(100'000 + number) + "@capulet.example";
}

Affiliations members(int count)
{
    Affiliations members;
    for (int i = 0; i < count; ++i) {
        members.push_back({member(i), "m"});
    }
    return members;
}

/// In the order of accounts.
template <class Backend>
Affiliations affiliations(Kept<Backend>& kept, std::string_view room)
{
    const auto stored = kept.get(kept.rooms().load(room));
    BOOST_TEST_REQUIRE(stored.has_value());
    Affiliations all = stored->affiliations;
    std::ranges::sort(all, {}, &StoredAffiliation::account);
    return all;
}

template <class Backend>
RoomPage page(Kept<Backend>& kept, std::string_view after, std::size_t limit, bool only_listed)
{
    return kept.get(kept.rooms().list(host, after, limit, only_listed));
}

/// All of a host's rooms, page by page.
template <class Backend>
std::vector<std::string> names(Kept<Backend>& kept, std::size_t limit, bool only_listed)
{
    std::vector<std::string> names;
    for (bool complete = false; !complete;) {
        const std::string after = names.empty() ? "" : names.back();
        const RoomPage found = page(kept, after, limit, only_listed);
        BOOST_TEST(found.rooms.size() <= limit);
        BOOST_TEST_REQUIRE((found.complete || !found.rooms.empty()));
        for (const RoomListing& listing : found.rooms) {
            names.push_back(listing.room);
        }
        complete = found.complete;
    }
    return names;
}

template <class Backend>
std::uint64_t count(Kept<Backend>& kept, bool only_listed)
{
    return kept.get(kept.rooms().count(host, only_listed));
}

template <class Backend>
Affiliations
where(Kept<Backend>& kept, std::string_view account, std::string_view after, std::size_t limit)
{
    return kept.get(kept.rooms().affiliations_of(account, host, after, limit));
}

} // namespace

BOOST_AUTO_TEST_SUITE(rooms)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_room_comes_back_as_it_was_put, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string odd{"\1\0\xff", 3};
    kept.get(kept.rooms().put(garden, RoomHead{host, "정원 🌹", true, odd, ""}));
    kept.get(kept.rooms().put(balcony, head()));
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, odd}, {romeo, "member"}}));
    kept.reopen();
    const auto stored = kept.get(kept.rooms().load(garden));
    BOOST_TEST_REQUIRE(stored.has_value());
    BOOST_TEST(stored->config == odd);
    BOOST_TEST(stored->state == "");
    const Affiliations expected{{juliet, odd}, {romeo, "member"}};
    BOOST_TEST((affiliations(kept, garden) == expected));
    BOOST_TEST((kept.get(kept.rooms().load(balcony)) == StoredRoom{"config", "state", {}}));
    const Listings listings{{garden, "정원 🌹"}, {balcony, ""}};
    BOOST_TEST((page(kept, "", 10, false).rooms == listings));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_not_there_is_not_found, Backend, Backends)
{
    Kept<Backend> kept;
    BOOST_TEST(!kept.get(kept.rooms().load(garden)).has_value());
    BOOST_TEST(!kept.get(kept.rooms().erase(garden)));
    auto change = kept.rooms().put_affiliations(garden, {{juliet, "owner"}});
    BOOST_TEST((kept.refused(std::move(change)) == Condition::item_not_found));
    BOOST_TEST(!kept.get(kept.rooms().load(garden)).has_value());
    BOOST_TEST(where(kept, juliet, "", 10).empty());
    BOOST_TEST(count(kept, false) == 0U);
    const RoomPage none = page(kept, "", 10, false);
    BOOST_TEST((none.rooms.empty() && none.complete));
    auto list = kept.rooms().list(host, garden, 10, false);
    BOOST_TEST((kept.refused(std::move(list)) == Condition::item_not_found));
    auto rooms = kept.rooms().affiliations_of(juliet, host, garden, 10);
    BOOST_TEST((kept.refused(std::move(rooms)) == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_room_that_is_put_again_keeps_place_and_affiliations, B, Backends)
{
    Kept<B> kept;
    kept.get(kept.rooms().put(garden, head("Garden")));
    kept.get(kept.rooms().put(balcony, head("Balcony")));
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, "owner"}}));
    kept.get(kept.rooms().put(garden, RoomHead{host, "Orchard", true, "new", "newer"}));
    kept.reopen();
    const auto stored = kept.get(kept.rooms().load(garden));
    BOOST_TEST((stored == StoredRoom{"new", "newer", {{juliet, "owner"}}}));
    const Listings listings{{garden, "Orchard"}, {balcony, "Balcony"}};
    BOOST_TEST((page(kept, "", 10, false).rooms == listings));
    BOOST_TEST((page(kept, "", 10, true).rooms == listings));
    BOOST_TEST(count(kept, false) == 2U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lists_follow_what_is_listed, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 0; i < 4; ++i) {
        kept.get(kept.rooms().put(room(i), head("one", i % 2 == 0)));
    }
    BOOST_TEST(count(kept, false) == 4U);
    BOOST_TEST(count(kept, true) == 2U);
    BOOST_TEST(names(kept, 10, true) == (std::vector{room(0), room(2)}));
    kept.get(kept.rooms().put(room(2), head("two", false)));
    kept.get(kept.rooms().put(room(1), head("two", true)));
    kept.reopen();
    BOOST_TEST(count(kept, true) == 2U);
    const Listings listed{{room(0), "one"}, {room(1), "two"}};
    BOOST_TEST((page(kept, "", 10, true).rooms == listed));
    const Listings all{{room(0), "one"}, {room(1), "two"}, {room(2), "two"}, {room(3), "one"}};
    BOOST_TEST((page(kept, "", 10, false).rooms == all));
    // From one that is not among them.
    BOOST_TEST((page(kept, room(0), 10, true).rooms == Listings{{room(1), "two"}}));
    BOOST_TEST(page(kept, room(2), 10, true).rooms.empty());
    BOOST_TEST(kept.get(kept.rooms().erase(room(1))));
    BOOST_TEST(kept.get(kept.rooms().erase(room(3))));
    BOOST_TEST(count(kept, true) == 1U);
    BOOST_TEST(count(kept, false) == 2U);
    BOOST_TEST(names(kept, 10, true) == std::vector{room(0)});
    BOOST_TEST(names(kept, 10, false) == (std::vector{room(0), room(2)}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rooms_are_listed_by_page_in_the_order_of_making, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::string> expected;
    for (int i = 20; i > 0; --i) {
        expected.push_back(room(i));
        kept.get(kept.rooms().put(expected.back(), head()));
        const std::string other = "other" + std::to_string(i) + '@' + elsewhere;
        kept.get(kept.rooms().put(other, RoomHead{elsewhere, "", true, "", ""}));
    }
    for (const unsigned limit : {1U, 3U, 19U, 20U, 21U}) {
        BOOST_TEST(names(kept, limit, false) == expected, boost::test_tools::per_element());
        BOOST_TEST(names(kept, limit, true) == expected, boost::test_tools::per_element());
    }
    const RoomPage none = page(kept, "", 0, false);
    BOOST_TEST((none.rooms.empty() && !none.complete));
    BOOST_TEST(page(kept, room(2), 1, false).complete);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_pages_come_in_parts, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::string> expected;
    for (int i = 0; i < 40; ++i) {
        expected.push_back(room(i));
        kept.get(kept.rooms().put(expected.back(), head(std::string(100'000, 't'))));
    }
    BOOST_TEST(page(kept, "", 40, false).rooms.size() < 10U);
    BOOST_TEST(names(kept, 40, false) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_listed_is_described_in_pages, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 0; i < 9; ++i) {
        RoomHead one = head(std::to_string(i), i % 3 != 0);
        one.config = "config " + std::to_string(i);
        kept.get(kept.rooms().put(room(i), one));
    }
    std::vector<DescribedRoom> found;
    for (bool complete = false; !complete;) {
        const std::string after = found.empty() ? "" : found.back().room;
        const DescribedRooms page = kept.get(kept.rooms().describe_listed(host, after, 4));
        BOOST_TEST_REQUIRE((page.complete || page.rooms.size() == 4U));
        found.insert(found.end(), page.rooms.begin(), page.rooms.end());
        complete = page.complete;
    }
    std::vector<DescribedRoom> expected;
    for (const int i : {1, 2, 4, 5, 7, 8}) {
        expected.push_back({room(i), std::to_string(i), "config " + std::to_string(i)});
    }
    BOOST_TEST((found == expected));
    BOOST_TEST(kept.get(kept.rooms().describe_listed(elsewhere, "", 4)).rooms.empty());
    auto lost = kept.rooms().describe_listed(host, garden, 4);
    BOOST_TEST((kept.refused(std::move(lost)) == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_large_descriptions_is_short, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 0; i < 9; ++i) {
        RoomHead one = head();
        one.config = std::string(std::size_t{100} << 10U, 'x');
        kept.get(kept.rooms().put(room(i), one));
    }
    const DescribedRooms page = kept.get(kept.rooms().describe_listed(host, "", 9));
    BOOST_TEST(!page.complete);
    BOOST_TEST(page.rooms.size() == 3U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rooms_that_were_erased_are_still_places, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 0; i < 5; ++i) {
        kept.get(kept.rooms().put(room(i), head()));
    }
    for (const int gone : {1, 4}) {
        BOOST_TEST(kept.get(kept.rooms().erase(room(gone))));
    }
    kept.reopen();
    const auto after = [&kept](int number) { return page(kept, room(number), 10, false).rooms; };
    BOOST_TEST((after(1) == Listings{{room(2), ""}, {room(3), ""}}));
    BOOST_TEST(after(4).empty());
    // Made anew, it has another place.
    kept.get(kept.rooms().put(room(1), head("again")));
    BOOST_TEST(after(1).empty());
    BOOST_TEST((after(4) == Listings{{room(1), "again"}}));
    BOOST_TEST(kept.get(kept.rooms().erase(room(1))));
    BOOST_TEST(after(1).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(places_of_erased_rooms_are_forgotten_but_not_soon, Backend, Backends)
{
    Kept<Backend> kept;
    constexpr int many = 1030;
    std::vector<std::string> gone;
    for (int i = 0; i < many; ++i) {
        gone.push_back(room(i));
    }
    std::vector<std::future<Result<void>>> puts;
    std::vector<std::future<Result<bool>>> erasures;
    kept.get(kept.rooms().put(garden, head()));
    for (const std::string& name : gone) {
        puts.push_back(kept.start(0, kept.rooms().put(name, head())));
        erasures.push_back(kept.start(0, kept.rooms().erase(name)));
        // One that comes and goes is not forgotten for its first time.
        puts.push_back(kept.start(0, kept.rooms().put(balcony, head())));
        erasures.push_back(kept.start(0, kept.rooms().erase(balcony)));
    }
    for (auto& erasure : erasures) {
        BOOST_TEST_REQUIRE(erasure.get().value());
    }
    const auto known = [&kept](const std::string& after) {
        return kept.wait(kept.rooms().list(host, after, 1, false)).has_value();
    };
    BOOST_TEST(!known(room(0)));
    BOOST_TEST(!known(room(many - 513)));
    BOOST_TEST(known(room(many - 512)));
    BOOST_TEST(known(room(many - 1)));
    BOOST_TEST(known(balcony));
    BOOST_TEST(known(garden));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(affiliations_change_one_by_one, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.rooms().put(garden, head()));
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, "owner"}, {romeo, "member"}}));
    kept.get(kept.rooms().put_affiliations(garden, {{romeo, "admin"}, {member(1), ""}}));
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{juliet, "owner"}, {romeo, "admin"}}));
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, ""}, {member(1), "x"}}));
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{member(1), "x"}, {romeo, "admin"}}));
    kept.get(kept.rooms().put_affiliations(garden, {{romeo, "a"}, {romeo, ""}, {romeo, "b"}}));
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{member(1), "x"}, {romeo, "b"}}));
    kept.get(kept.rooms().put_affiliations(garden, {}));
    kept.reopen();
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{member(1), "x"}, {romeo, "b"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_room_is_made_and_changed_with_its_affiliations, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.rooms().put(garden, head(), {{juliet, "owner"}, {romeo, "member"}}));
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{juliet, "owner"}, {romeo, "member"}}));
    const std::uint64_t before = kept.storage().stats().commits;
    kept.get(kept.rooms().put(garden, head("new"), {{juliet, ""}, {romeo, "owner"}}));
    BOOST_TEST(kept.storage().stats().commits - before == 1U);
    kept.reopen();
    BOOST_TEST((affiliations(kept, garden) == Affiliations{{romeo, "owner"}}));
    BOOST_TEST((page(kept, "", 10, false).rooms == Listings{{garden, "new"}}));
    BOOST_TEST(where(kept, juliet, "", 10).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_room_of_one_name_inherits_nothing, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.rooms().put(garden, head("old")));
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, "owner"}}));
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    BOOST_TEST(!kept.get(kept.rooms().erase(garden)));
    BOOST_TEST(!kept.get(kept.rooms().load(garden)).has_value());
    BOOST_TEST(where(kept, juliet, "", 10).empty());
    kept.get(kept.rooms().put(garden, RoomHead{host, "new", false, "", ""}));
    BOOST_TEST((kept.get(kept.rooms().load(garden)) == StoredRoom{}));
    BOOST_TEST((page(kept, "", 10, false).rooms == Listings{{garden, "new"}}));
    BOOST_TEST(count(kept, false) == 1U);
    BOOST_TEST(count(kept, true) == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_large_room_is_kept_and_goes_in_steps, Backend, Backends)
{
    Kept<Backend> kept;
    constexpr int many = 10'000;
    kept.get(kept.rooms().put(garden, head()));
    kept.get(kept.rooms().put(balcony, head()));
    kept.get(kept.rooms().put_affiliations(garden, members(many)));
    kept.get(kept.rooms().put_affiliations(garden, {{member(4000), "owner"}}));
    kept.get(kept.rooms().put_affiliations(balcony, members(10)));
    Affiliations expected = members(many);
    expected[4000].value = "owner";
    BOOST_TEST((affiliations(kept, garden) == expected));
    const std::uint64_t before = kept.storage().stats().commits;
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    BOOST_TEST(kept.storage().stats().commits - before >= many / 1024);
    BOOST_TEST(!kept.get(kept.rooms().load(garden)).has_value());
    BOOST_TEST((affiliations(kept, balcony) == members(10)));
    BOOST_TEST((where(kept, member(9), "", 10) == Affiliations{{balcony, "m"}}));
    BOOST_TEST(where(kept, member(10), "", 10).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_rooms_of_an_account_are_known, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 5; i > 0; --i) {
        kept.get(kept.rooms().put(room(i), head("", i % 2 == 0)));
        kept.get(kept.rooms().put_affiliations(room(i), {{juliet, std::to_string(i)}}));
    }
    const std::string other = std::string{"other@"} + elsewhere;
    kept.get(kept.rooms().put(other, RoomHead{elsewhere, "", true, "", ""}));
    kept.get(kept.rooms().put_affiliations(other, {{juliet, "6"}}));
    kept.get(kept.rooms().put_affiliations(room(4), {{juliet, ""}, {romeo, "r"}}));
    kept.get(kept.rooms().put_affiliations(room(2), {{juliet, "two"}}));
    kept.reopen();
    const Affiliations first{{room(5), "5"}, {room(3), "3"}};
    const Affiliations rest{{room(2), "two"}, {room(1), "1"}};
    BOOST_TEST((where(kept, juliet, "", 2) == first));
    BOOST_TEST((where(kept, juliet, room(3), 3) == rest));
    BOOST_TEST((where(kept, juliet, room(4), 1) == Affiliations{{room(3), "3"}}));
    BOOST_TEST((where(kept, romeo, "", 10) == Affiliations{{room(4), "r"}}));
    BOOST_TEST(kept.get(kept.rooms().erase(room(3))));
    BOOST_TEST((where(kept, juliet, room(3), 10) == rest));
    const auto there = kept.get(kept.rooms().affiliations_of(juliet, elsewhere, "", 10));
    BOOST_TEST((there == Affiliations{{other, "6"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(long_names_are_kept, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string domain(1023, 'h');
    const auto name = [&domain](char last) { return std::string(1022, 'n') + last + '@' + domain; };
    const std::string title(5000, 't');
    for (const char last : {'a', 'b', 'c'}) {
        kept.get(kept.rooms().put(name(last), RoomHead{domain, title, true, {last}, ""}));
        kept.get(kept.rooms().put_affiliations(name(last), {{name('x'), {last}}}));
    }
    kept.reopen();
    const auto stored = kept.get(kept.rooms().load(name('b')));
    BOOST_TEST((stored == StoredRoom{"b", "", {{name('x'), "b"}}}));
    const RoomPage page = kept.get(kept.rooms().list(domain, name('a'), 1, true));
    BOOST_TEST((page.rooms == Listings{{name('b'), title}}));
    BOOST_TEST(!page.complete);
    const auto found = kept.get(kept.rooms().affiliations_of(name('x'), domain, name('a'), 9));
    BOOST_TEST((found == Affiliations{{name('b'), "b"}, {name('c'), "c"}}));
    BOOST_TEST(kept.get(kept.rooms().erase(name('b'))));
    BOOST_TEST(kept.get(kept.rooms().count(domain, true)) == 2U);
    BOOST_TEST(kept.get(kept.rooms().load(name('a'))).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
