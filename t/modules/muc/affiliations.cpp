// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/affiliations.h"

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

const Jid crone = jid("crone1@shakespeare.lit");
const Jid hag = jid("hag66@shakespeare.lit");
const Jid duncan = jid("duncan@scotland.lit");

} // namespace

BOOST_AUTO_TEST_SUITE(muc_affiliations)

BOOST_AUTO_TEST_CASE(who_is_not_listed_has_none)
{
    const Affiliations none;
    BOOST_TEST((none.of(crone) == Affiliation::none));
    BOOST_TEST((none.item(crone) == AffiliationItem{}));
    BOOST_TEST(none.reserved_for("").empty());
    BOOST_TEST(none.list(Affiliation::owner).empty());
    BOOST_TEST(none.owners() == 0U);
}

BOOST_AUTO_TEST_CASE(an_affiliation_is_an_accounts)
{
    Affiliations all;
    all.set(jid("crone1@shakespeare.lit/desktop"), {Affiliation::owner, "", ""});
    BOOST_TEST((all.of(crone) == Affiliation::owner));
    BOOST_TEST((all.of(jid("crone1@shakespeare.lit/pda")) == Affiliation::owner));
    BOOST_TEST((all.item(jid("crone1@shakespeare.lit/pda")).affiliation == Affiliation::owner));
    BOOST_TEST((all.of(hag) == Affiliation::none));
    BOOST_TEST((all.list(Affiliation::owner) == std::vector{crone}));
}

BOOST_AUTO_TEST_CASE(the_latest_counts)
{
    Affiliations all;
    all.set(crone, {Affiliation::owner, "", ""});
    all.set(hag, {Affiliation::owner, "", ""});
    BOOST_TEST(all.owners() == 2U);
    all.set(hag, {Affiliation::member, "thirdwitch", "welcome"});
    BOOST_TEST(all.owners() == 1U);
    BOOST_TEST(all.count(Affiliation::member) == 1U);
    BOOST_TEST((all.item(hag) == AffiliationItem{Affiliation::member, "thirdwitch", "welcome"}));
    all.set(hag, {Affiliation::none, "thirdwitch", ""});
    BOOST_TEST((all.of(hag) == Affiliation::none));
    BOOST_TEST(all.count(Affiliation::member) == 0U);
    BOOST_TEST(all.count(Affiliation::none) == 0U);
    BOOST_TEST(all.size() == 1U);
    BOOST_TEST(all.reserved_for("thirdwitch").empty());
}

BOOST_AUTO_TEST_CASE(lists_are_sorted_and_of_one_kind)
{
    Affiliations all;
    all.set(hag, {Affiliation::member, "", ""});
    all.set(crone, {Affiliation::member, "", ""});
    all.set(duncan, {Affiliation::outcast, "", "Treason"});
    BOOST_TEST((all.list(Affiliation::member) == std::vector{crone, hag}));
    BOOST_TEST((all.list(Affiliation::outcast) == std::vector{duncan}));
    BOOST_TEST(all.list(Affiliation::admin).empty());
}

BOOST_AUTO_TEST_CASE(a_nickname_is_reserved_for_one)
{
    Affiliations all;
    all.set(hag, {Affiliation::member, "thirdwitch", ""});
    BOOST_TEST((all.reserved_for("thirdwitch") == hag));
    all.set(crone, {Affiliation::member, "thirdwitch", ""});
    BOOST_TEST((all.reserved_for("thirdwitch") == hag));
    BOOST_TEST(all.item(crone).nick.empty());
    all.set(hag, {Affiliation::member, "hag", ""});
    BOOST_TEST(all.reserved_for("thirdwitch").empty());
    BOOST_TEST((all.reserved_for("hag") == hag));
    all.set(hag, {Affiliation::admin, "hag", ""});
    BOOST_TEST((all.reserved_for("hag") == hag));
    all.set(crone, {Affiliation::member, "thirdwitch", ""});
    BOOST_TEST((all.reserved_for("thirdwitch") == crone));
}

BOOST_AUTO_TEST_CASE(who_is_banned_keeps_no_nickname)
{
    Affiliations all;
    all.set(hag, {Affiliation::member, "thirdwitch", ""});
    all.set(hag, {Affiliation::outcast, "thirdwitch", "Treason"});
    BOOST_TEST(all.reserved_for("thirdwitch").empty());
    BOOST_TEST((all.item(hag) == AffiliationItem{Affiliation::outcast, "", "Treason"}));
}

BOOST_AUTO_TEST_CASE(a_ban_of_a_domain_is_one_of_all_there_who_are_not_listed)
{
    Affiliations all;
    all.set(jid("scotland.lit"), {Affiliation::outcast, "", ""});
    BOOST_TEST((all.of(duncan) == Affiliation::outcast));
    BOOST_TEST((all.of(jid("scotland.lit/gateway")) == Affiliation::outcast));
    BOOST_TEST((all.of(jid("duncan@castle.scotland.lit")) == Affiliation::none));
    BOOST_TEST((all.item(duncan) == AffiliationItem{}));
    all.set(duncan, {Affiliation::member, "", ""});
    BOOST_TEST((all.of(duncan) == Affiliation::member));
}

BOOST_AUTO_TEST_CASE(what_a_domain_is_given_else_is_its_own)
{
    Affiliations all;
    all.set(jid("scotland.lit"), {Affiliation::owner, "", ""});
    BOOST_TEST((all.of(jid("scotland.lit")) == Affiliation::owner));
    BOOST_TEST((all.of(duncan) == Affiliation::none));
}

BOOST_AUTO_TEST_CASE(a_room_of_tens_of_thousands_finds_each)
{
    constexpr std::size_t size = 50'000;
    Affiliations all;
    for (std::size_t i = 0; i < size; ++i) {
        const std::string number = std::to_string(10'000 + i); // in the order of the store
        const bool named = i % 100 == 0;
        all.set(
            jid("u" + number + "@shakespeare.lit"),
            {i < 3 ? Affiliation::owner : Affiliation::member, named ? "n" + number : "", ""});
    }
    BOOST_TEST(all.size() == size);
    BOOST_TEST(all.owners() == 3U);
    BOOST_TEST(all.list(Affiliation::owner).size() == 3U);
    BOOST_TEST(all.list(Affiliation::member).size() == size - 3);
    BOOST_TEST((all.of(jid("u49999@shakespeare.lit/any")) == Affiliation::member));
    BOOST_TEST((all.reserved_for("n49900") == jid("u49900@shakespeare.lit")));
    BOOST_TEST(all.reserved_for("n49901").empty());
}

BOOST_AUTO_TEST_CASE(an_item_comes_back_as_it_was_kept)
{
    using Kept = Codec<AffiliationItem>;
    for (const AffiliationItem& item :
         {AffiliationItem{},
          AffiliationItem{Affiliation::member, "thirdwitch", ""},
          AffiliationItem{Affiliation::outcast, "", "Treason"},
          AffiliationItem{Affiliation::owner, "a", "b"}}) {
        const std::string bytes = Kept::encode(item);
        BOOST_TEST((Kept::decode(bytes) == item));
        BOOST_TEST((Kept::decode(bytes + "later") == item));
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            BOOST_TEST((Kept::decode(std::string_view{bytes}.substr(0, size)) == std::nullopt));
        }
    }
    std::string other = Kept::encode({Affiliation::owner, "", ""});
    other[1] = 5;
    BOOST_TEST((Kept::decode(other) == std::nullopt));
    other[1] = 4;
    other[0] = 2;
    BOOST_TEST((Kept::decode(other) == std::nullopt));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
