// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/search.h"

#include "core/data_form.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sarang::muc {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view errors = "urn:xmpp:channel-search:0:error";
constexpr const char* params = "urn:xmpp:channel-search:0:search-params";

Element form_of(const Values& values, std::string type = "submit", std::string form_type = params)
{
    DataForm form{std::move(type), std::move(form_type)};
    for (const auto& [var, value] : values) {
        form.add({"", var, "", {value}});
    }
    return form.element();
}

RoomSearch search_for(const Values& values)
{
    const auto read = read_search(form_of(values), true);
    BOOST_TEST_REQUIRE(std::holds_alternative<RoomSearch>(read));
    return std::get<RoomSearch>(read);
}

/// "modify bad-request invalid-search-terms"
std::string words_of(const Element& error)
{
    std::string words{error.attribute("type")};
    for (const Element* const child : error.children()) {
        words += child->name() == "text" ? "" : " " + child->name();
        BOOST_TEST((child->ns() == ns::stanzas || child->ns() == errors));
    }
    return words;
}

std::string refused(const Values& values, bool with_all = true)
{
    const auto read = read_search(form_of(values), with_all);
    return std::holds_alternative<Element>(read) ? words_of(std::get<Element>(read)) : "";
}

PublicRoom cave()
{
    PublicRoom room;
    room.room = "coven@chat.shakespeare.lit";
    room.name = "A Dark Cave";
    room.description = "The place for all good witches, ohne große Umstände";
    room.language = "en-GB";
    room.users = 3;
    room.open = true;
    return room;
}

bool finds(const Values& values)
{
    return search_for(values).matches(cave());
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_search)

BOOST_AUTO_TEST_CASE(all_words_are_somewhere_in_what_a_room_says_of_itself)
{
    BOOST_TEST(finds({{"q", "dark"}}));
    BOOST_TEST(finds({{"q", "WITCHES cave  ven"}}));
    BOOST_TEST(finds({{"q", "GROSSE"}}));
    BOOST_TEST(!finds({{"q", "dark castle"}}));
    BOOST_TEST(!finds({{"q", "cave a"}, {"sinname", "0"}, {"sindescription", "0"}}));
}

BOOST_AUTO_TEST_CASE(it_is_looked_for_where_the_form_says)
{
    BOOST_TEST(!finds({{"q", "dark"}, {"sinname", "false"}}));
    BOOST_TEST(!finds({{"q", "witches"}, {"sindescription", "0"}}));
    BOOST_TEST(!finds({{"q", "coven"}, {"sinaddress", "0"}}));
    BOOST_TEST(!finds({{"q", "coven"}, {"sinaddr", "0"}}));
    BOOST_TEST(finds({{"q", "dark"}, {"sinaddress", "0"}, {"sindescription", "0"}}));
}

BOOST_AUTO_TEST_CASE(the_domain_is_found_by_who_writes_an_address)
{
    BOOST_TEST(!finds({{"q", "shakespeare"}}));
    BOOST_TEST(finds({{"q", "chat.shakespeare"}}));
    BOOST_TEST(finds({{"q", "coven@chat.shakespeare.lit"}}));
}

BOOST_AUTO_TEST_CASE(a_language_is_found_by_its_whole_name)
{
    BOOST_TEST(finds({{"q", "en"}, {"sindescription", "0"}, {"sinaddress", "0"}}));
    BOOST_TEST(finds({{"q", "EN-gb"}}));
    BOOST_TEST(!finds({{"q", "en-g"}}));
    BOOST_TEST(!finds({{"q", "en-gb"}, {"{urn:sarang:muc:0}sinlanguage", "0"}}));
}

BOOST_AUTO_TEST_CASE(users_and_kinds_are_conditions_too)
{
    BOOST_TEST(finds({{"all", "1"}}));
    BOOST_TEST(finds({{"all", "1"}, {"min_users", "3"}}));
    BOOST_TEST(!finds({{"all", "1"}, {"min_users", "4"}}));
    BOOST_TEST(finds({{"all", "1"}, {"types", "xep-0045"}}));
    BOOST_TEST(!finds({{"all", "1"}, {"types", "xep-0369"}}));
}

BOOST_AUTO_TEST_CASE(the_order_is_by_users_unless_another_is_named)
{
    using Order = RoomSearch::Order;
    BOOST_TEST((search_for({{"all", "1"}}).order == Order::users));
    BOOST_TEST(
        (search_for({{"all", "1"}, {"key", "{urn:xmpp:channel-search:0:order}address"}}).order ==
         Order::address));
    BOOST_TEST(
        (search_for({{"all", "1"}, {"key", "{urn:xmpp:channel-search:0:order}nusers"}}).order ==
         Order::users));
    BOOST_TEST(
        refused({{"all", "1"}, {"key", "age"}}) ==
        "modify feature-not-implemented invalid-sort-key");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_searched_for_is_refused_as_the_xep_says)
{
    const std::string terms = "modify bad-request invalid-search-terms";
    BOOST_TEST(refused({{"q", "... !"}}) == terms);
    BOOST_TEST(refused({{"q", "  "}}) == terms);
    BOOST_TEST(refused({{"q", std::string(RoomSearch::longest_text, 'x')}}).empty());
    BOOST_TEST(refused({{"q", std::string(RoomSearch::longest_text + 1, 'x')}}) == terms);
    std::string many;
    for (std::size_t i = 0; i < RoomSearch::most_terms; ++i) {
        many += "word" + std::to_string(i) + ' ';
    }
    BOOST_TEST(refused({{"q", many}}).empty());
    BOOST_TEST(refused({{"q", many + "more"}}) == terms);
    BOOST_TEST(refused({{"q", "정"}}).empty());
    const std::string none = "cancel bad-request no-search-conditions";
    BOOST_TEST(refused({}) == none);
    BOOST_TEST(refused({{"q", ""}, {"all", "0"}, {"sinname", "1"}}) == none);
    BOOST_TEST(
        refused(
            {{"q", "cave"},
             {"sinname", "0"},
             {"sindescription", "0"},
             {"sinaddress", "0"},
             {"{urn:sarang:muc:0}sinlanguage", "0"}}) == none);
    BOOST_TEST(
        refused({{"q", "cave"}, {"all", "true"}}) == "modify bad-request conflicting-fields");
    BOOST_TEST(refused({{"all", "1"}}, false) == "cancel not-allowed full-set-retrieval-rejected");
    BOOST_TEST(refused({{"q", "cave"}}, false).empty());
}

BOOST_AUTO_TEST_CASE(conflicting_fields_are_named)
{
    const auto read = read_search(form_of({{"q", "cave"}, {"all", "true"}}), true);
    const Element* const fields = std::get<Element>(read).child(errors, "conflicting-fields");
    BOOST_TEST_REQUIRE(fields != nullptr);
    BOOST_TEST_REQUIRE(fields->children().size() == 2U);
    BOOST_TEST(fields->children()[0]->text() == "all");
    BOOST_TEST(fields->children()[1]->text() == "q");
}

BOOST_AUTO_TEST_CASE(what_is_no_form_of_a_search_is_refused)
{
    const std::string bad = "modify bad-request";
    BOOST_TEST(refused({{"all", "perhaps"}}) == bad);
    BOOST_TEST(refused({{"q", "cave"}, {"sinname", "perhaps"}}) == bad);
    BOOST_TEST(refused({{"all", "1"}, {"min_users", "-1"}}) == bad);
    BOOST_TEST(refused({{"all", "1"}, {"min_users", "99999999999999999999"}}) == bad);
    for (const Element& form :
         {form_of({{"q", "cave"}}, "cancel"),
          form_of({{"q", "cave"}}, "submit", "urn:example:other"),
          Element{"urn:example", "x"}}) {
        const auto read = read_search(form, true);
        BOOST_TEST_REQUIRE(std::holds_alternative<Element>(read));
        BOOST_TEST(words_of(std::get<Element>(read)) == bad);
    }
    BOOST_TEST(refused({{"q", "cave"}, {"{urn:example}colour", "red"}}).empty());
}

BOOST_AUTO_TEST_CASE(the_form_comes_back_with_nothing_but_words)
{
    for (const bool with_all : {true, false}) {
        const Element reply = search_form(with_all);
        const DataForm form = DataForm::read(*reply.child("jabber:x:data", "x")).value();
        BOOST_TEST((form.find("all") != nullptr) == with_all);
        DataForm filled{"submit", form.form_type()};
        for (FormField field : form.fields()) {
            if (field.var == "q") {
                field.values = {"Cave"};
            }
            filled.add(std::move(field));
        }
        const auto read = read_search(filled.element(), with_all);
        BOOST_TEST_REQUIRE(std::holds_alternative<RoomSearch>(read));
        RoomSearch expected;
        expected.terms = {"cave"};
        BOOST_TEST((std::get<RoomSearch>(read) == expected));
    }
}

BOOST_AUTO_TEST_CASE(who_is_in_a_closed_room_is_not_told)
{
    RoomConfig config;
    BOOST_TEST(public_room("a@b.lit", "a", config, 7).users == 7U);
    config.password = "cauldronburn";
    BOOST_TEST(public_room("a@b.lit", "a", config, 7).users == 0U);
    config.password.clear();
    config.members_only = true;
    const PublicRoom room = public_room("a@b.lit", "a", config, 7);
    BOOST_TEST(room.users == 0U);
    const Element item = search_item(room);
    BOOST_TEST(item.child(search_ns, "nusers") == nullptr);
    BOOST_TEST(item.child(search_ns, "is-open") == nullptr);
}

BOOST_AUTO_TEST_CASE(who_asks_too_often_is_told_when_to_come_again)
{
    const Element error = search_too_soon(30);
    BOOST_TEST(words_of(error) == "wait resource-constraint rate-limit");
    BOOST_TEST(error.child(errors, "rate-limit")->attribute("retry-after") == "30");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
