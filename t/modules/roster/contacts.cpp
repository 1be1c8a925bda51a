// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/contacts.h"

#include <boost/test/unit_test.hpp>

namespace sarang {

BOOST_AUTO_TEST_SUITE(contacts)

BOOST_AUTO_TEST_CASE(what_is_encoded_is_decoded_the_same)
{
    const RosterItem nurse{
        "nurse@localhost", "유모", {"a", "벗"}, Subscription::both, false, true, false, true, {}};
    const RosterItem friar{
        "friar@localhost", {}, {}, Subscription::to, true, false, true, false, "<request/>"};
    const Contacts before{7, {nurse, friar}};
    const std::optional<Contacts> after = Codec<Contacts>::decode(Codec<Contacts>::encode(before));
    BOOST_REQUIRE(after);
    BOOST_TEST(after->version == 7);
    BOOST_REQUIRE(after->all.size() == 2);
    BOOST_TEST((kept(after->all[0]) == friar));
    BOOST_TEST((kept(after->all[1]) == nurse));
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_or_of_another_format_is_nothing)
{
    const RosterItem nurse{"nurse@localhost"};
    const std::string bytes = Codec<Contacts>::encode(Contacts{7, {nurse}});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!Codec<Contacts>::decode(bytes.substr(0, size)));
    }
    BOOST_TEST(!Codec<Contacts>::decode('\2' + bytes.substr(1)));
}

BOOST_AUTO_TEST_CASE(contacts_are_found_by_their_address_put_and_removed)
{
    Contacts contacts;
    for (const char* const jid : {"c@x", "a@x", "b@x", "b@x"}) {
        Contact contact;
        contact.jid = Jid::parse(jid).value();
        contact.name = std::to_string(contacts.all.size());
        contacts.put(contact);
    }
    BOOST_TEST(contacts.all.size() == 3);
    const Contact* const found = contacts.find(Jid::parse("b@x").value());
    BOOST_REQUIRE(found != nullptr);
    BOOST_TEST(found->name == "3");
    contacts.remove(found->jid);
    BOOST_TEST(contacts.find(Jid::parse("b@x").value()) == nullptr);
    BOOST_TEST(contacts.find(Jid::parse("c@x").value()) != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
