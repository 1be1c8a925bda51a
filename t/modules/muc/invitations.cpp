// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/invitations.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang::muc {
namespace {

Jid jid(const std::string& text)
{
    return Jid::parse(text).value();
}

const Jid hecate = jid("hecate@shakespeare.lit");
const Jid broom = jid("hecate@shakespeare.lit/broom");
const Jid crone = jid("crone1@shakespeare.lit");
const Jid first = jid("coven@rooms.lit/firstwitch");
const Invitation invitation{hecate, first, crone};

} // namespace

BOOST_AUTO_TEST_SUITE(muc_invitations)

BOOST_AUTO_TEST_CASE(who_was_invited_declines_once)
{
    Invitations all;
    all.note(invitation);
    BOOST_TEST((all.take(broom, first) == invitation));
    BOOST_TEST(!all.take(broom, first).has_value());
}

BOOST_AUTO_TEST_CASE(the_inviter_is_named_as_in_the_invitation_or_by_his_account)
{
    Invitations all;
    all.note(invitation);
    BOOST_TEST(!all.take(broom, jid("coven@rooms.lit/secondwitch")).has_value());
    BOOST_TEST(!all.take(broom, jid("coven@rooms.lit")).has_value());
    BOOST_TEST((all.take(broom, jid("crone1@shakespeare.lit/desktop")) == invitation));
}

BOOST_AUTO_TEST_CASE(who_was_not_invited_declines_nothing)
{
    Invitations all;
    all.note(invitation);
    BOOST_TEST(!all.take(jid("hag66@shakespeare.lit/pda"), first).has_value());
    BOOST_TEST(all.size() == 1U);
}

BOOST_AUTO_TEST_CASE(one_who_invites_again_takes_no_more_place)
{
    Invitations all;
    all.note(invitation);
    const Invitation later{hecate, jid("coven@rooms.lit/oldcrone"), crone};
    all.note(later);
    BOOST_TEST(all.size() == 1U);
    BOOST_TEST((all.take(broom, crone) == later));
}

BOOST_AUTO_TEST_CASE(the_oldest_are_forgotten)
{
    Invitations all;
    all.note(invitation);
    for (std::size_t i = 0; i < Invitations::most_remembered; ++i) {
        all.note({jid("guest" + std::to_string(i) + "@shakespeare.lit"), first, crone});
    }
    BOOST_TEST(all.size() == Invitations::most_remembered);
    BOOST_TEST(!all.take(broom, first).has_value());
    BOOST_TEST(all.take(jid("guest0@shakespeare.lit"), first).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
