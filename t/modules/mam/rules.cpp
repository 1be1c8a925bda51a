// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/rules.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

Stanza message(const std::string& inside, Type type = Type::chat)
{
    const Element element = Element::read("<message>" + inside + "</message>").value();
    std::vector<Element> children;
    for (const Element* child : element.children()) {
        children.push_back(*child);
    }
    Stanza stanza;
    stanza.type = type;
    stanza.payload = Payload::make(children);
    return stanza;
}

const std::string no_store = "<no-store xmlns='urn:xmpp:hints'/>";
const std::string no_permanent_store = "<no-permanent-store xmlns='urn:xmpp:hints'/>";
const std::string store = "<store xmlns='urn:xmpp:hints'/>";
const std::string typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
const std::string muc = "<x xmlns='http://jabber.org/protocol/muc#user'>";

struct Case {
    std::string inside;
    bool kept;
};

const Case cases[] = {
    {"<body>Hail</body>", true},
    {"<body>Hail</body>" + typing, true},
    {"<subject>Hail</subject>", true},
    {"", false},
    {typing, false},
    {typing + "<thread>1</thread>", false},
    {typing + store, true},
    {"<x xmlns='test:whatever'/>", false},
    {"<x xmlns='test:whatever'/>" + store, true},
    {"<body>Hail</body>" + no_store, false},
    {"<body>Hail</body>" + no_permanent_store, false},
    {"<body>Hail</body>" + store + no_store, false},
    {"<body xmlns='http://www.w3.org/1999/xhtml'/>", false},
    {"<encrypted xmlns='eu.siacs.conversations.axolotl'/>", true},
    {"<encrypted xmlns='urn:xmpp:omemo:2'/>", true},
    {"<openpgp xmlns='urn:xmpp:openpgp:0'/>", true},
    {"<encryption xmlns='urn:xmpp:eme:0' namespace='test:mine'/>", true},
    {"<received xmlns='urn:xmpp:receipts' id='1'/>", true},
    {"<request xmlns='urn:xmpp:receipts'/>", false},
    {"<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true},
    {"<markable xmlns='urn:xmpp:chat-markers:0'/>", false},
    {"<replace xmlns='urn:xmpp:message-correct:0' id='1'/>", true},
    {"<reactions xmlns='urn:xmpp:reactions:0' id='1'/>", true},
    {"<retract xmlns='urn:xmpp:message-retract:1' id='1'/>", true},
    {"<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", true},
    {"<finish xmlns='urn:xmpp:jingle-message:0' id='1'/>", true},
    {"<x xmlns='jabber:x:conference' jid='room@chat.localhost'/>", true},
    {muc + "<invite/></x>", true},
    {muc + "<decline/></x>", true},
    {muc + "<status code='104'/></x>", false},
    {"<event xmlns='http://jabber.org/protocol/pubsub#event'/>", false},
};

} // namespace

BOOST_AUTO_TEST_SUITE(mam_rules)

BOOST_AUTO_TEST_CASE(what_says_something_is_kept_unless_it_is_not_to_be)
{
    for (const Case& one : cases) {
        BOOST_TEST(worth_archiving(message(one.inside)) == one.kept, one.inside);
        BOOST_TEST(worth_archiving(message(one.inside, Type::normal)) == one.kept, one.inside);
    }
}

BOOST_AUTO_TEST_CASE(no_other_type_is_kept_whatever_it_says)
{
    for (const Type type : {Type::headline, Type::groupchat, Type::error}) {
        for (const Case& one : cases) {
            BOOST_TEST(!worth_archiving(message(one.inside, type)), one.inside);
        }
    }
    Stanza iq = message("<body>Hail</body>");
    iq.kind = Kind::iq;
    BOOST_TEST(!worth_archiving(iq));
}

BOOST_AUTO_TEST_CASE(a_room_keeps_what_is_for_all_but_no_invitations)
{
    for (const Case& one : cases) {
        const bool invitation = one.inside.starts_with(muc);
        const bool body = one.inside.starts_with("<body>"); // whatever it hints at
        BOOST_TEST(
            worth_archiving_in_room(message(one.inside, Type::groupchat)) ==
                (body || (one.kept && !invitation)),
            one.inside);
        BOOST_TEST(!worth_archiving_in_room(message(one.inside)), one.inside);
    }
}

BOOST_AUTO_TEST_CASE(nobody_keeps_out_of_a_rooms_archive_what_all_have_read)
{
    const std::string marker = "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>";
    for (const std::string& hint : {no_store, no_permanent_store}) {
        for (const char* const said :
             {"<subject>Hail</subject>",
              "<encrypted xmlns='urn:xmpp:omemo:2'/>",
              "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>",
              "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>"}) {
            BOOST_TEST(worth_archiving_in_room(message(said + hint, Type::groupchat)), said);
        }
        for (const std::string& quiet : {typing, typing + store, marker}) {
            BOOST_TEST(!worth_archiving_in_room(message(quiet + hint, Type::groupchat)), quiet);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_message_is_referred_to_by_its_id_or_by_its_origin_id)
{
    Stanza stanza = message("<origin-id xmlns='urn:xmpp:sid:0' id='origin'/>");
    BOOST_TEST(message_id_of(stanza) == "origin");
    stanza.id = "id";
    BOOST_TEST(message_id_of(stanza) == "id");
    BOOST_TEST(message_id_of(message("<body>Hail</body>")).empty());
}

BOOST_AUTO_TEST_CASE(what_refers_to_another_message_tells_to_which)
{
    for (const char* const element :
         {"<replace xmlns='urn:xmpp:message-correct:0' id='target'/>",
          "<retract xmlns='urn:xmpp:message-retract:1' id='target'/>",
          "<reactions xmlns='urn:xmpp:reactions:0' id='target'/>",
          "<received xmlns='urn:xmpp:receipts' id='target'/>",
          "<received xmlns='urn:xmpp:chat-markers:0' id='target'/>",
          "<displayed xmlns='urn:xmpp:chat-markers:0' id='target'/>"}) {
        BOOST_TEST(reference_of(message(element)) == "target", element);
    }
    BOOST_TEST(reference_of(message("<body>Hail</body>")).empty());
    BOOST_TEST(reference_of(message("<reactions xmlns='urn:xmpp:reactions:0'/>")).empty());
}

BOOST_AUTO_TEST_CASE(only_a_retraction_with_an_id_retracts)
{
    BOOST_TEST(
        retracted_by(message("<retract xmlns='urn:xmpp:message-retract:1' id='1'/>")).value() ==
        "1");
    BOOST_TEST(
        (retracted_by(message("<retract xmlns='urn:xmpp:message-retract:1'/>")) == std::nullopt));
    BOOST_TEST(
        (retracted_by(message("<retract xmlns='urn:xmpp:message-retract:0' id='1'/>")) ==
         std::nullopt));
}

BOOST_AUTO_TEST_CASE(ids_of_ones_own_account_are_taken_away_wherever_they_stand)
{
    const Jid juliet = Jid::parse("juliet@localhost").value();
    const std::string own = "<stanza-id xmlns='urn:xmpp:sid:0' by='Juliet@localhost' id='1'/>";
    const std::string other = "<stanza-id xmlns='urn:xmpp:sid:0' by='room@localhost' id='2'/>";
    std::string many = own;
    for (int i = 0; i < 70; ++i) {
        many += other;
    }
    for (const std::string& inside : {own + other, many + own + "<body>Hail</body>"}) {
        Stanza stanza = message(inside);
        strip_stanza_ids(stanza, juliet);
        BOOST_TEST(stanza.element(sid_ns, "stanza-id").value().attribute("id") == "2");
        std::size_t left = 0;
        for (std::size_t i = 0; i < stanza.payload->size(); ++i) {
            const bool hidden = i < 64 && (stanza.hidden >> i & 1) != 0;
            const bool is_own = stanza.payload->element(i).attribute("id") == "1";
            left += !hidden && is_own ? 1U : 0U;
        }
        BOOST_TEST(left == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_message_means_something_to_its_conversation)
{
    const Jid juliet = Jid::parse("juliet@capulet.example").value();
    const std::string body = "<body>Hail</body>";
    const std::string marker = "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>";

    const struct {
        std::string inside;
        EntryRole own;
        EntryRole others;
    } roles[] = {
        {body, EntryRole::sent, EntryRole::received},
        {body + marker, EntryRole::sent, EntryRole::received},
        {"<subject>Hail</subject>", EntryRole::sent, EntryRole::received},
        {"<encrypted xmlns='urn:xmpp:omemo:2'/>", EntryRole::sent, EntryRole::received},
        {"<x xmlns='jabber:x:conference'/>", EntryRole::sent, EntryRole::received},
        {muc + "<invite/></x>", EntryRole::sent, EntryRole::received},
        {marker, EntryRole::displayed, EntryRole::seen},
        {"<acknowledged xmlns='urn:xmpp:chat-markers:0' id='1'/>",
         EntryRole::displayed,
         EntryRole::seen},
        {"<received xmlns='urn:xmpp:chat-markers:0' id='1'/>", EntryRole::none, EntryRole::none},
        {"<received xmlns='urn:xmpp:receipts' id='1'/>", EntryRole::none, EntryRole::none},
        {"<reactions xmlns='urn:xmpp:reactions:0' id='1'/>" + body,
         EntryRole::none,
         EntryRole::none},
        {"<retract xmlns='urn:xmpp:message-retract:1' id='1'/>" + body,
         EntryRole::none,
         EntryRole::none},
        {"<replace xmlns='urn:xmpp:message-correct:0' id='1'/>" + body,
         EntryRole::none,
         EntryRole::none},
        {"<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", EntryRole::none, EntryRole::none},
        {typing + store, EntryRole::none, EntryRole::none},
        {"", EntryRole::none, EntryRole::none},
    };

    for (const auto& [inside, own, others] : roles) {
        Stanza stanza = message(inside);
        stanza.from = Jid::parse("juliet@capulet.example/balcony").value();
        BOOST_TEST((role_of(stanza, juliet) == own), inside);
        stanza.from = Jid::parse("romeo@montague.example/orchard").value();
        BOOST_TEST((role_of(stanza, juliet) == others), inside);
    }
}

BOOST_AUTO_TEST_CASE(a_message_mentions_whom_it_names)
{
    const Jid juliet = Jid::parse("juliet@capulet.example").value();
    const std::string reference = "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='";
    const std::string mention = "<mention xmlns='urn:xmpp:mentions:0' ";
    const std::pair<std::string, bool> mentions[] = {
        {reference + "xmpp:juliet@capulet.example'/>", true},
        {reference + "xmpp:nurse@capulet.example'/>" + reference +
             "xmpp:Juliet@Capulet.example/balcony?message'/>",
         true},
        {reference + "xmpp:nurse@capulet.example'/>", false},
        {reference + "juliet@capulet.example'/>", false},
        {reference + "xmpp:'/>", false},
        {"<reference xmlns='urn:xmpp:reference:0' type='data' uri='xmpp:juliet@capulet.example'/>",
         false},
        {mention + "jid='juliet@capulet.example'/>", true},
        {mention + "jid='nurse@capulet.example'/>", false},
        {mention + "occupantid='juliet@capulet.example'/>", false},
        {mention + "jid='juliet@capulet.example' mentions='urn:xmpp:mentions:0#channel'/>", false},
        {mention + "jid='juliet@capulet.example'><noping/></mention>", false},
    };
    for (const auto& [inside, expected] : mentions) {
        Stanza stanza = message("<body>Hail</body>" + inside);
        stanza.from = Jid::parse("romeo@montague.example/orchard").value();
        const EntryRole role = expected ? EntryRole::mention : EntryRole::received;
        BOOST_TEST((role_of(stanza, juliet) == role), inside);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
