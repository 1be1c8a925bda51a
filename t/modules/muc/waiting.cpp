// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/waiting.h"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace sarang::muc {
namespace {

constexpr WaitingBounds bounds{10, 2};

bool waits(Kind kind, Type type, std::size_t waiting, bool staff)
{
    Stanza stanza;
    stanza.kind = kind;
    stanza.type = type;
    return may_wait(stanza, waiting, bounds, [staff] { return staff; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_waiting)

BOOST_AUTO_TEST_CASE(a_room_has_so_many_waiting)
{
    for (const auto& [kind, type] :
         {std::pair{Kind::message, Type::groupchat},
          std::pair{Kind::presence, Type::available},
          std::pair{Kind::iq, Type::set}}) {
        BOOST_TEST(waits(kind, type, 9, false));
        BOOST_TEST(!waits(kind, type, 10, false));
    }
}

BOOST_AUTO_TEST_CASE(owners_and_admins_have_a_few_places_more)
{
    BOOST_TEST(waits(Kind::message, Type::groupchat, 10, true));
    BOOST_TEST(waits(Kind::iq, Type::set, 11, true));
    BOOST_TEST(!waits(Kind::iq, Type::set, 12, true));
}

BOOST_AUTO_TEST_CASE(answers_have_as_many_again)
{
    BOOST_TEST(waits(Kind::iq, Type::result, 19, false));
    BOOST_TEST(!waits(Kind::iq, Type::result, 20, false));
    BOOST_TEST(waits(Kind::message, Type::error, 21, true));
    BOOST_TEST(!waits(Kind::message, Type::error, 22, true));
}

BOOST_AUTO_TEST_CASE(who_leaves_does)
{
    BOOST_TEST(waits(Kind::presence, Type::unavailable, 1'000'000, false));
}

BOOST_AUTO_TEST_CASE(who_somebody_is_is_not_asked_while_there_is_room)
{
    Stanza stanza;
    bool asked = false;
    const auto staff = [&asked] { return asked = true; };
    BOOST_TEST(may_wait(stanza, 9, bounds, staff));
    BOOST_TEST(!asked);
    BOOST_TEST(may_wait(stanza, 10, bounds, staff));
    BOOST_TEST(asked);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
