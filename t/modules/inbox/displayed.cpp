// SPDX-License-Identifier: Apache-2.0
#include "modules/inbox/displayed.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <tuple>
#include <vector>

namespace sarang {
namespace {

const std::string marker = "<displayed xmlns='urn:xmpp:chat-markers:0' id='m'/>";

std::string displayed(const std::string& by, const std::string& id = "uid")
{
    return "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='" +
           by + "' id='" + id + "'/></displayed>";
}

Stanza message(const std::string& inside)
{
    const Element element = Element::read("<message>" + inside + "</message>").value();
    std::vector<Element> children;
    for (const Element* child : element.children()) {
        children.push_back(*child);
    }
    Stanza stanza;
    stanza.payload = Payload::make(children);
    return stanza;
}

std::optional<std::string> take(Stanza& stanza)
{
    return take_displayed(stanza, Jid::parse("juliet@capulet.example").value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(inbox_displayed)

BOOST_AUTO_TEST_CASE(what_is_for_the_server_is_taken_out_and_nothing_else)
{
    Stanza stanza = message(marker + displayed("juliet@capulet.example") + "<body>Hail</body>");
    BOOST_TEST((take(stanza) == "uid"));
    BOOST_TEST(stanza.payload->size() == 2U);
    BOOST_TEST(stanza.has("urn:xmpp:chat-markers:0", "displayed"));
    BOOST_TEST(stanza.has("", "body"));
}

BOOST_AUTO_TEST_CASE(all_of_them_go_and_the_first_one_counts)
{
    const std::string own = "juliet@capulet.example";
    std::string many = displayed(own, "first");
    for (int i = 0; i < 100; ++i) {
        many += marker + displayed(own, "later");
    }
    Stanza stanza = message(many);
    BOOST_TEST((take(stanza) == "first"));
    BOOST_TEST(stanza.payload->size() == 100U);
    BOOST_TEST(!stanza.payload->has("urn:xmpp:mds:displayed:0", "displayed"));
}

BOOST_AUTO_TEST_CASE(what_another_named_moves_nothing_and_goes_as_well)
{
    for (const std::string by : {"room@rooms.example", "juliet@capulet.example/balcony", "@", ""}) {
        Stanza stanza = message(marker + displayed(by));
        BOOST_TEST(!take(stanza).has_value(), by);
        BOOST_TEST(stanza.payload->size() == 1U);
    }
    Stanza bare = message(marker + "<displayed xmlns='urn:xmpp:mds:displayed:0'/>");
    BOOST_TEST(!take(bare).has_value());
    BOOST_TEST(bare.payload->size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_room_names_what_was_read_in_a_message_to_it)
{
    const std::string room = "room@rooms.example";
    for (const auto& [type, to, taken] :
         {std::tuple{Type::groupchat, room, true},
          {Type::chat, room, false},
          {Type::groupchat, std::string{"other@rooms.example"}, false},
          {Type::groupchat, room + "/nick", false}}) {
        Stanza stanza = message(marker + displayed(room));
        stanza.type = type;
        stanza.to = Jid::parse(to).value();
        BOOST_TEST(take(stanza).has_value() == taken, to);
        BOOST_TEST(stanza.payload->size() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(what_was_hidden_before_stays_away)
{
    Stanza stanza = message("<body>Hail</body>" + marker + displayed("juliet@capulet.example"));
    stanza.hidden = 1;
    BOOST_TEST((take(stanza) == "uid"));
    BOOST_TEST(stanza.payload->size() == 1U);
    BOOST_TEST(stanza.hidden == 0U);
    BOOST_TEST(!stanza.has("", "body"));
}

BOOST_AUTO_TEST_CASE(a_message_without_it_is_left_alone)
{
    Stanza stanza = message(marker);
    const Payload* const before = stanza.payload.get();
    BOOST_TEST(!take(stanza).has_value());
    BOOST_TEST((stanza.payload.get() == before));
    Stanza empty;
    BOOST_TEST(!take(empty).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
