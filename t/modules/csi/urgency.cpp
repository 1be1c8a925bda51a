// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/urgency.h"

#include "xml/element.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sarang {
namespace {

struct Case {
    Type type;
    std::string contents;
    Urgency urgency;
};

void check(Kind kind, const std::vector<Case>& cases)
{
    for (const Case& one : cases) {
        Stanza stanza;
        stanza.kind = kind;
        stanza.type = one.type;
        const Element all = Element::read("<any>" + one.contents + "</any>", ns::client).value();
        std::vector<Element> children;
        for (const Element* child : all.children()) {
            children.push_back(*child);
        }
        if (!children.empty()) {
            stanza.payload = Payload::make(children);
        }
        BOOST_TEST_CONTEXT(name(one.type) << ' ' << one.contents)
        {
            BOOST_TEST((urgency_of(stanza) == one.urgency));
        }
    }
}

const std::string muc_user = "<x xmlns='http://jabber.org/protocol/muc#user'>";
const std::string composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
const std::string body = "<body>Hi</body>";

std::string event(const std::string& node)
{
    return "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" + node +
           "'/></event>";
}

std::string copy_of(const std::string& contents)
{
    return "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
           "<message xmlns='jabber:client'>" +
           contents + "</message></forwarded></received>";
}

} // namespace

BOOST_AUTO_TEST_SUITE(urgency)

BOOST_AUTO_TEST_CASE(presence_waits_unless_it_asks_for_something_or_is_the_clients_own_in_a_room)
{
    check(
        Kind::presence,
        {
            {Type::available, "", Urgency::newest},
            {Type::available, "<show>away</show>", Urgency::newest},
            {Type::unavailable, "", Urgency::newest},
            {Type::available, muc_user + "<item affiliation='member'/></x>", Urgency::newest},
            {Type::available, muc_user + "<status code='110'/></x>", Urgency::now},
            {Type::unavailable,
             muc_user + "<status code='307'/><status code='110'/></x>",
             Urgency::now},
            {Type::subscribe, "", Urgency::now},
            {Type::subscribed, "", Urgency::now},
            {Type::unsubscribe, "", Urgency::now},
            {Type::unsubscribed, "", Urgency::now},
            {Type::error, "", Urgency::now},
        });
}

BOOST_AUTO_TEST_CASE(chat_states_wait_when_they_are_alone)
{
    check(
        Kind::message,
        {
            {Type::chat, composing, Urgency::newest},
            {Type::groupchat, composing, Urgency::newest},
            {Type::chat, composing + "<thread>t</thread>", Urgency::newest},
            {Type::chat, composing + "<no-store xmlns='urn:xmpp:hints'/>", Urgency::newest},
            {Type::chat,
             composing + "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a'/>",
             Urgency::newest},
            {Type::chat, composing + muc_user + "</x>", Urgency::newest},
            {Type::chat, composing + body, Urgency::now},
            {Type::chat, composing + "<encrypted xmlns='urn:xmpp:omemo:2'/>", Urgency::now},
            {Type::error, composing, Urgency::now},
            {Type::chat, "<thread>t</thread>", Urgency::now},
            {Type::chat, "", Urgency::now},
        });
}

BOOST_AUTO_TEST_CASE(what_must_not_be_lost_or_is_not_known_goes_at_once)
{
    check(
        Kind::message,
        {
            {Type::chat, body, Urgency::now},
            {Type::normal, body, Urgency::now},
            {Type::headline, body, Urgency::now},
            {Type::groupchat, "<subject/>", Urgency::now},
            {Type::chat, "<encrypted xmlns='eu.siacs.conversations.axolotl'/>", Urgency::now},
            {Type::chat, "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", Urgency::now},
            {Type::chat, "<received xmlns='urn:xmpp:receipts' id='1'/>", Urgency::now},
            {Type::chat, "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", Urgency::now},
            {Type::chat, "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>", Urgency::now},
            {Type::normal, muc_user + "<invite/></x>", Urgency::now},
        });
    check(
        Kind::iq,
        {{Type::get, "<ping xmlns='urn:xmpp:ping'/>", Urgency::now},
         {Type::result, "", Urgency::now}});
}

BOOST_AUTO_TEST_CASE(headlines_of_pep_wait_but_for_what_another_device_has_read)
{
    check(
        Kind::message,
        {
            {Type::headline, event("http://jabber.org/protocol/tune"), Urgency::later},
            {Type::headline, event("urn:xmpp:avatar:metadata"), Urgency::later},
            {Type::headline, event("urn:xmpp:mds:displayed:0"), Urgency::now},
            {Type::headline, event("http://jabber.org/protocol/tune") + body, Urgency::now},
            {Type::normal, event("http://jabber.org/protocol/tune"), Urgency::now},
            {Type::headline, "", Urgency::now},
            {Type::headline,
             "<event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='a'/></event>",
             Urgency::later},
        });
}

BOOST_AUTO_TEST_CASE(a_copy_is_as_urgent_as_what_it_holds)
{
    check(
        Kind::message,
        {
            {Type::chat, copy_of(composing), Urgency::later},
            {Type::chat, copy_of(composing + "<thread>t</thread>"), Urgency::later},
            {Type::chat, copy_of(body), Urgency::now},
            {Type::chat, copy_of(composing + body), Urgency::now},
            {Type::chat,
             copy_of("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>"),
             Urgency::now},
            {Type::chat, "<received xmlns='urn:xmpp:carbons:2'/>", Urgency::now},
        });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
