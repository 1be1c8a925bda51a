// SPDX-License-Identifier: Apache-2.0
#include "modules/carbons/rules.h"

#include "xml/element.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sarang {
namespace {

constexpr std::string_view muc_user = "<x xmlns='http://jabber.org/protocol/muc#user'>";

/// From juliet's session to romeo's, with these elements in it.
Stanza message(Type type, std::string_view contents)
{
    Stanza stanza;
    stanza.type = type;
    stanza.from = Jid::parse("juliet@capulet.example/balcony").value();
    stanza.to = Jid::parse("romeo@montague.example/garden").value();
    stanza.id = "m1";
    const Element all =
        Element::read("<message>" + std::string{contents} + "</message>", ns::client).value();
    std::vector<Element> children;
    for (const Element* child : all.children()) {
        children.push_back(*child);
    }
    stanza.payload = Payload::make(children);
    return stanza;
}

struct Case {
    Type type;
    std::string contents;
    bool eligible;
};

void check(const std::vector<Case>& cases, Direction direction, const Jid& from)
{
    for (const Case& one : cases) {
        Stanza stanza = message(one.type, one.contents);
        stanza.from = from;
        BOOST_TEST_CONTEXT(name(one.type) << ' ' << one.contents)
        {
            BOOST_TEST(is_eligible({stanza, direction}, nullptr) == one.eligible);
        }
    }
}

const std::string body = "<body>Hi</body>";
const std::string invite = std::string{muc_user} + "<invite to='hag66@shakespeare.lit'/></x>";
const std::string direct_invite = "<x xmlns='jabber:x:conference' jid='darkcave@macbeth.example'/>";

} // namespace

BOOST_AUTO_TEST_SUITE(carbon_rules)

BOOST_AUTO_TEST_CASE(what_is_part_of_a_talk_is_eligible_and_what_is_not_is_not)
{
    const std::vector<Case> cases{
        {Type::chat, "", true},
        {Type::chat, body, true},
        {Type::chat, "<encrypted xmlns='eu.siacs.conversations.axolotl'/>", true},
        {Type::normal, "", false},
        {Type::normal, body, true},
        {Type::normal, "<body xmlns='urn:example:other'/>", false},
        {Type::normal, "<subject>Hi</subject>", false},
        {Type::headline, body, false},
        {Type::groupchat, body, false},
        {Type::error, body, false},
        {Type::normal, "<request xmlns='urn:xmpp:receipts'/>", true},
        {Type::normal, "<received xmlns='urn:xmpp:receipts' id='1'/>", true},
        {Type::normal, "<composing xmlns='http://jabber.org/protocol/chatstates'/>", true},
        {Type::normal, "<markable xmlns='urn:xmpp:chat-markers:0'/>", true},
        {Type::normal, "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true},
        {Type::groupchat, "<active xmlns='http://jabber.org/protocol/chatstates'/>", false},
    };
    const Jid juliet = Jid::parse("juliet@capulet.example/balcony").value();
    check(cases, Direction::sent, juliet);
    check(cases, Direction::received, juliet);
}

BOOST_AUTO_TEST_CASE(nothing_is_eligible_that_its_sender_wants_no_copies_of)
{
    const std::vector<Case> cases{
        {Type::chat, body + "<private xmlns='urn:xmpp:carbons:2'/>", false},
        {Type::chat, body + "<no-copy xmlns='urn:xmpp:hints'/>", false},
        {Type::normal, direct_invite + "<private xmlns='urn:xmpp:carbons:2'/>", false},
        {Type::chat, body + "<private xmlns='urn:example:other'/>", true},
        {Type::chat, body + "<no-store xmlns='urn:xmpp:hints'/>", true},
    };
    const Jid juliet = Jid::parse("juliet@capulet.example/balcony").value();
    check(cases, Direction::sent, juliet);
    check(cases, Direction::received, juliet);
}

BOOST_AUTO_TEST_CASE(invitations_are_eligible_and_private_messages_from_a_room_are_not)
{
    const std::string mark = std::string{muc_user} + "</x>";
    const Jid occupant = Jid::parse("coven@chat.example/firstwitch").value();
    const Jid room = Jid::parse("coven@chat.example").value();
    check(
        {{Type::normal, invite, true}, {Type::normal, direct_invite, true}},
        Direction::received,
        room);
    check(
        {{Type::normal, invite, true}, {Type::normal, direct_invite, true}},
        Direction::sent,
        occupant);
    check({{Type::groupchat, direct_invite, false}}, Direction::received, occupant);
    check(
        {{Type::chat, body + mark, false}, {Type::normal, body + mark, false}},
        Direction::received,
        occupant);
    check(
        {{Type::chat, body + mark, true}, {Type::normal, body + mark, true}},
        Direction::sent,
        occupant);
    // The room declines an invitation, or tells of something.
    check(
        {{Type::normal, mark, false}, {Type::normal, body + mark, true}},
        Direction::received,
        room);
}

BOOST_AUTO_TEST_CASE(what_is_hidden_in_a_message_makes_no_difference)
{
    Stanza stanza = message(Type::normal, body + "<private xmlns='urn:xmpp:carbons:2'/>");
    BOOST_TEST(!is_eligible({stanza, Direction::sent}, nullptr));
    stanza.hidden = 2;
    BOOST_TEST(is_eligible({stanza, Direction::sent}, nullptr));
    stanza.hidden = 3;
    BOOST_TEST(!is_eligible({stanza, Direction::sent}, nullptr));
}

BOOST_AUTO_TEST_CASE(an_error_is_eligible_when_it_answers_a_message_that_was_copied)
{
    Copied copied;
    const Stanza sent = message(Type::chat, body);
    copied.add({sent, Direction::sent});
    Stanza error = sent.error_reply(Error{Condition::service_unavailable, {}, {}, {}});
    BOOST_TEST(is_eligible({error, Direction::received}, &copied));
    error.from = Jid::parse("romeo@montague.example").value(); // his server in his place
    BOOST_TEST(is_eligible({error, Direction::received}, &copied));
    BOOST_TEST(!is_eligible({error, Direction::received}, nullptr));
    error.id = "m2";
    BOOST_TEST(!is_eligible({error, Direction::received}, &copied));
    error.id = "m1";
    error.from = Jid::parse("tybalt@capulet.example").value();
    BOOST_TEST(!is_eligible({error, Direction::received}, &copied));
}

BOOST_AUTO_TEST_CASE(so_is_one_that_the_account_gives_to_what_it_received)
{
    Copied copied;
    const Stanza received = message(Type::chat, body);
    copied.add({received, Direction::received});
    const Stanza error = received.error_reply(Error{Condition::service_unavailable, {}, {}, {}});
    BOOST_TEST(is_eligible({error, Direction::sent}, &copied));
    BOOST_TEST(!is_eligible({error, Direction::received}, &copied));
}

BOOST_AUTO_TEST_CASE(messages_without_an_id_and_those_of_long_ago_are_not_remembered)
{
    Copied copied;
    Stanza sent = message(Type::chat, body);
    const Stanza error = sent.error_reply(Error{Condition::service_unavailable, {}, {}, {}});
    copied.add({sent, Direction::sent});
    for (std::size_t i = 1; i < Copied::most; ++i) {
        sent.id = "later" + std::to_string(i);
        copied.add({sent, Direction::sent});
    }
    BOOST_TEST(copied.answered_by({error, Direction::received}));
    sent.id = "last";
    copied.add({sent, Direction::sent});
    BOOST_TEST(!copied.answered_by({error, Direction::received}));

    sent.id.clear();
    copied.add({sent, Direction::sent});
    const Stanza nameless = sent.error_reply(Error{Condition::service_unavailable, {}, {}, {}});
    BOOST_TEST(!copied.answered_by({nameless, Direction::received}));
}

BOOST_AUTO_TEST_CASE(a_copy_holds_the_message_as_it_was_delivered)
{
    Stanza stanza = message(Type::chat, body + "<thread>t1</thread>");
    stanza.hidden = 2;
    stanza.lang = "ko";
    stanza.added = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.example' id='1'/>";
    const Ref<Payload> received = wrapped({stanza, Direction::received});
    BOOST_TEST(
        received->bytes() ==
        "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<message xmlns='jabber:client' from='juliet@capulet.example/balcony'"
        " to='romeo@montague.example/garden' id='m1' type='chat' xml:lang='ko'><body>Hi</body>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.example' id='1'/>"
        "</message></forwarded></received>");
    BOOST_TEST(received->has(carbons_ns, "received"));
    BOOST_TEST(received->size() == 1);

    stanza.added.clear();
    stanza.lang.clear();
    const Ref<Payload> sent = wrapped({stanza, Direction::sent, "<stamp xmlns='urn:example'/>"});
    BOOST_TEST(
        sent->bytes() == "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                         "<message xmlns='jabber:client' from='juliet@capulet.example/balcony'"
                         " to='romeo@montague.example/garden' id='m1' type='chat'><body>Hi</body>"
                         "<stamp xmlns='urn:example'/></message></forwarded></sent>");
    BOOST_TEST(sent->has(carbons_ns, "sent"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
