// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/room_claims.h"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace sarang::muc {
namespace {

const Jid hag = Jid::parse("hag66@shakespeare.lit").value();
const Jid crone = Jid::parse("crone1@shakespeare.lit").value();

} // namespace

BOOST_AUTO_TEST_SUITE(muc_room_claims)

BOOST_AUTO_TEST_CASE(rooms_count_for_who_made_them_while_they_are_there)
{
    RoomClaims claims;
    std::optional<RoomClaims::Claim> first{claims.claim(hag)};
    std::optional<RoomClaims::Claim> second{
        claims.claim(Jid::parse("hag66@shakespeare.lit/pda").value())};
    const RoomClaims::Claim third = claims.claim(crone);
    BOOST_TEST(claims.of(hag) == 2U);
    BOOST_TEST(claims.of(crone) == 1U);
    BOOST_TEST(claims.total() == 3U);
    first.reset();
    BOOST_TEST(claims.of(hag) == 1U);
    second = std::nullopt;
    BOOST_TEST(claims.of(hag) == 0U);
    BOOST_TEST(claims.total() == 1U);
}

BOOST_AUTO_TEST_CASE(a_claim_that_is_moved_counts_once)
{
    RoomClaims claims;
    std::optional<RoomClaims::Claim> kept;
    {
        RoomClaims::Claim made = claims.claim(hag);
        kept = std::move(made);
    }
    BOOST_TEST(claims.of(hag) == 1U);
    kept = claims.claim(crone);
    BOOST_TEST(claims.of(hag) == 0U);
    BOOST_TEST(claims.of(crone) == 1U);
    kept.reset();
    BOOST_TEST(claims.total() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
