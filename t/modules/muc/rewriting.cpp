// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/rewriting.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang::muc {
namespace {

constexpr std::string_view room = "coven@rooms.lit";

Stanza message(const std::vector<Element>& children)
{
    Stanza stanza;
    stanza.payload = Payload::make(children);
    return stanza;
}

std::string kept_of(const Stanza& stanza)
{
    const Ref<Payload> kept = Rewriting{}.keep(stanza, room).payload();
    return kept ? std::string{kept->bytes()} : std::string{};
}

Element stanza_id(std::string_view by)
{
    Element element{"urn:xmpp:sid:0", "stanza-id"};
    element.set("by", by).set("id", "1");
    return element;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_rewriting)

BOOST_AUTO_TEST_CASE(what_only_the_room_may_say_is_taken_away)
{
    Element body{ns::client, "body"};
    body.text("Hail");
    const Stanza stanza = message(
        {body,
         Element{"http://jabber.org/protocol/muc", "x"},
         Element{"http://jabber.org/protocol/muc#user", "x"},
         Element{"urn:xmpp:occupant-id:0", "occupant-id"},
         stanza_id("coven@rooms.lit"),
         stanza_id("coven@ROOMS.lit")});
    BOOST_TEST(kept_of(stanza) == "<body>Hail</body>");
}

BOOST_AUTO_TEST_CASE(nobody_gives_himself_a_delay_of_the_room_a_hat_or_a_tombstone)
{
    Element forged{"urn:xmpp:delay", "delay"};
    forged.set("from", "coven@rooms.lit").set("stamp", "2020-01-01T00:00:00Z");
    const Stanza stanza = message(
        {forged,
         Element{"urn:xmpp:delay", "delay"},
         Element{"urn:xmpp:hats:0", "hats"},
         Element{"urn:xmpp:muc:affiliations:1", "mav"},
         Element{"urn:xmpp:message-retract:1", "retracted"},
         Element{"urn:xmpp:message-moderate:1", "moderated"}});
    BOOST_TEST(kept_of(stanza).empty());
    Element own{"urn:xmpp:delay", "delay"};
    own.set("from", "hag66@shakespeare.lit");
    BOOST_TEST(!kept_of(message({own})).empty());
}

BOOST_AUTO_TEST_CASE(what_others_say_stays)
{
    const Stanza stanza = message({stanza_id("hag66@shakespeare.lit")});
    BOOST_TEST(kept_of(stanza).find("hag66") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_hidden_is_taken_away_also_behind_many_others)
{
    std::vector<Element> children(70, Element{"urn:x", "a"});
    children.push_back(Element{"http://jabber.org/protocol/muc#user", "x"});
    Stanza stanza = message(children);
    stanza.hidden = 1;
    const Ref<Payload> payload = Rewriting{}.keep(stanza, room).payload();
    BOOST_TEST(payload->size() == 69U);
}

BOOST_AUTO_TEST_CASE(what_is_added_is_a_child_like_others)
{
    const Ref<Payload> payload =
        Rewriting{}.add("urn:x", "a", "<a xmlns='urn:x' n='1'/>").payload();
    BOOST_TEST(payload->size() == 1U);
    BOOST_TEST(payload->element("urn:x", "a").value().attribute("n") == "1");
}

BOOST_AUTO_TEST_CASE(of_nothing_nothing_is_kept)
{
    BOOST_TEST(!Rewriting{}.keep(Stanza{}, room).payload());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
