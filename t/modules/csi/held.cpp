// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/held.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sarang {
namespace {

Stanza stanza(Kind kind, std::string_view from, std::string_view id)
{
    Stanza stanza;
    stanza.kind = kind;
    stanza.from = Jid::parse(from).value();
    stanza.id = id;
    return stanza;
}

std::string ids(Held& held)
{
    std::string all;
    for (const Stanza& one : held.take()) {
        all += one.id;
    }
    return all;
}

constexpr std::string_view juliet = "juliet@capulet.example/balcony";
constexpr std::string_view nurse = "nurse@capulet.example/kitchen";

} // namespace

BOOST_AUTO_TEST_SUITE(held)

BOOST_AUTO_TEST_CASE(what_is_held_is_given_in_order_and_once)
{
    Held held;
    held.add(stanza(Kind::presence, juliet, "1"), true);
    held.add(stanza(Kind::message, juliet, "2"), false);
    held.add(stanza(Kind::message, juliet, "3"), false);
    held.add(stanza(Kind::presence, nurse, "4"), true);
    BOOST_TEST(held.size() == 4);
    BOOST_TEST(ids(held) == "1234");
    BOOST_TEST(held.size() == 0);
    BOOST_TEST(held.bytes() == 0);
    BOOST_TEST(ids(held).empty());
}

BOOST_AUTO_TEST_CASE(the_newest_replaces_the_earlier_one_and_overtakes_nothing)
{
    Held held;
    held.add(stanza(Kind::presence, juliet, "1"), true);
    held.add(stanza(Kind::message, juliet, "2"), true);
    held.add(stanza(Kind::message, juliet, "3"), false);
    held.add(stanza(Kind::presence, nurse, "4"), true);
    held.add(stanza(Kind::presence, "juliet@capulet.example/tomb", "5"), true);
    held.add(stanza(Kind::presence, juliet, "6"), true);
    BOOST_TEST(ids(held) == "23456");
}

BOOST_AUTO_TEST_CASE(what_is_not_the_newest_of_its_kind_replaces_nothing)
{
    Held held;
    held.add(stanza(Kind::message, juliet, "1"), true);
    held.add(stanza(Kind::message, juliet, "2"), false);
    held.add(stanza(Kind::message, juliet, "3"), true);
    BOOST_TEST(ids(held) == "23");
}

BOOST_AUTO_TEST_CASE(replaced_stanzas_weigh_nothing)
{
    Held held;
    Stanza heavy = stanza(Kind::presence, juliet, "1");
    heavy.added = std::string(10'000, ' ');
    held.add(heavy, true);
    BOOST_TEST(held.bytes() > 10'000);
    held.add(stanza(Kind::presence, juliet, "2"), true);
    BOOST_TEST(held.size() == 1);
    BOOST_TEST(held.bytes() < 1'000);
    BOOST_TEST(held.bytes() > 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
