// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/preferences.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

Result<ArchivePreferences> read(const std::string& inside, const std::string& standard = "roster")
{
    return ArchivePreferences::read(
        Element::read(
            "<prefs xmlns='urn:xmpp:mam:2' default='" + standard + "'>" + inside + "</prefs>")
            .value());
}

Jid jid(const std::string& text)
{
    return Jid::parse(text).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(mam_preferences)

BOOST_AUTO_TEST_CASE(wishes_are_read_and_told_and_kept_as_they_are)
{
    const ArchivePreferences wishes =
        read("<always><jid>romeo@montague.lit</jid><jid>romeo@montague.lit</jid></always>"
             "<never><jid>montague@montague.lit</jid></never>")
            .value();
    BOOST_TEST(
        wishes.element(ArchiveDefault::always).str() ==
        "<prefs xmlns='urn:xmpp:mam:2' default='roster'>"
        "<always><jid>romeo@montague.lit</jid></always>"
        "<never><jid>montague@montague.lit</jid></never></prefs>");
    using Kept = Codec<ArchivePreferences>;
    BOOST_TEST((Kept::decode(Kept::encode(wishes)) == wishes));
    const ArchivePreferences none;
    BOOST_TEST((Kept::decode(Kept::encode(none)) == none));
    BOOST_TEST(
        none.element(ArchiveDefault::never).str() ==
        "<prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs>");
}

BOOST_AUTO_TEST_CASE(bytes_of_another_make_are_no_wishes)
{
    using Kept = Codec<ArchivePreferences>;
    const std::string bytes = Kept::encode(read("<never><jid>a@b</jid></never>").value());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST((Kept::decode(std::string_view{bytes}.substr(0, size)) == std::nullopt));
    }
    BOOST_TEST((Kept::decode(bytes + "x") == std::nullopt));
    std::string other = bytes;
    other[0] = 2;
    BOOST_TEST((Kept::decode(other) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(the_longer_address_counts)
{
    const ArchivePreferences wishes =
        read("<always><jid>romeo@montague.lit</jid></always>"
             "<never><jid>romeo@montague.lit/orchard</jid><jid>mute@montague.lit</jid></never>")
            .value();
    BOOST_TEST((wishes.listed(jid("romeo@montague.lit/orchard")) == false));
    BOOST_TEST((wishes.listed(jid("romeo@montague.lit/garden")) == true));
    BOOST_TEST((wishes.listed(jid("romeo@montague.lit")) == true));
    BOOST_TEST((wishes.listed(jid("mute@montague.lit/any")) == false));
    BOOST_TEST((wishes.listed(jid("nurse@montague.lit")) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_kept_is_refused)
{
    BOOST_TEST((read("", "sometimes").error().condition == Condition::bad_request));
    BOOST_TEST((read("<never><jid>@</jid></never>").error().condition == Condition::jid_malformed));
    BOOST_TEST((read("<never><x>a@b</x></never>").error().condition == Condition::jid_malformed));
    std::string many;
    for (std::size_t i = 0; i <= ArchivePreferences::max_listed; ++i) {
        many += "<jid>u" + std::to_string(i) + "@montague.lit</jid>";
    }
    BOOST_TEST((
        read("<always>" + many + "</always>").error().condition == Condition::resource_constraint));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
