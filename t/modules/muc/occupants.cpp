// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/occupants.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sarang::muc {
namespace {

Jid jid(std::string_view text)
{
    return Jid::parse(text).value();
}

const Jid hag_pda = jid("hag66@shakespeare.lit/pda");
const Jid hag_broom = jid("hag66@shakespeare.lit/broom");
const Jid crone = jid("crone1@shakespeare.lit/desktop");

Session session(const Jid& whose, std::string lang = {})
{
    return {whose, {{}, std::move(lang)}};
}

Occupant occupant(std::string_view nick, const Jid& whose)
{
    Occupant occupant;
    occupant.address = jid("coven@rooms.lit").with_resource(nick).value();
    occupant.account = whose.bare();
    occupant.sessions.push_back(session(whose));
    return occupant;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_occupants)

BOOST_AUTO_TEST_CASE(an_occupant_is_found_by_nickname_session_and_account)
{
    Occupants all;
    Occupant& hag = all.add(occupant("thirdwitch", hag_pda));
    all.add(occupant("firstwitch", crone));
    BOOST_TEST(all.by_nick("thirdwitch") == &hag);
    BOOST_TEST(all.by_session(hag_pda) == &hag);
    BOOST_TEST(all.by_session(hag_broom) == nullptr);
    BOOST_TEST((all.of(hag_pda.bare()) == std::vector{&hag}));
    BOOST_TEST(all.size() == 2U);
}

BOOST_AUTO_TEST_CASE(sessions_that_share_a_nickname_are_one_occupant)
{
    Occupants all;
    Occupant& hag = all.add(occupant("thirdwitch", hag_pda));
    all.add_session(hag, session(hag_broom));
    BOOST_TEST(all.size() == 1U);
    BOOST_TEST(all.by_session(hag_broom) == &hag);
    BOOST_TEST((all.session_jids() == std::vector{hag_pda, hag_broom}));
    all.remove_session(hag, hag_pda);
    BOOST_TEST(all.by_session(hag_pda) == nullptr);
    BOOST_TEST((hag.session_jids() == std::vector{hag_broom}));
}

BOOST_AUTO_TEST_CASE(the_session_that_spoke_of_itself_last_is_shown)
{
    Occupants all;
    Occupant& hag = all.add(occupant("thirdwitch", hag_pda));
    all.add_session(hag, session(hag_broom));
    BOOST_TEST((hag.shown().jid == hag_broom));
    all.update(hag, hag_pda, session(hag_pda, "ko").presence);
    BOOST_TEST((hag.shown().jid == hag_pda));
    BOOST_TEST(hag.shown().presence.lang == "ko");
}

BOOST_AUTO_TEST_CASE(who_is_renamed_or_goes_leaves_the_nickname_free)
{
    Occupants all;
    Occupant& hag = all.add(occupant("thirdwitch", hag_pda));
    all.rename(hag, jid("coven@rooms.lit/oldhag"));
    BOOST_TEST(all.by_nick("thirdwitch") == nullptr);
    BOOST_TEST(all.by_nick("oldhag") == &hag);
    all.remove(hag);
    BOOST_TEST(all.by_nick("oldhag") == nullptr);
    BOOST_TEST(all.by_session(hag_pda) == nullptr);
    BOOST_TEST(all.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
