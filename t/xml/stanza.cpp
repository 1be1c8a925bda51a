// SPDX-License-Identifier: Apache-2.0
#include "xml/stanza.h"

#include "xml/writer.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

std::string written(const Stanza& stanza)
{
    std::string out;
    write_stanza(out, stanza);
    return out;
}

Stanza message()
{
    Stanza stanza;
    stanza.type = Type::chat;
    stanza.from = Jid::parse("a@b/c").value();
    stanza.to = Jid::parse("x@y").value();
    stanza.id = "7";
    stanza.lang = "de";
    const std::vector<Element> children{
        Element{ns::client, "body"}.text("one"),
        Element{"urn:x", "x"},
        Element{ns::client, "body"}.text("two"),
    };
    stanza.payload = Payload::make(children);
    return stanza;
}

BOOST_AUTO_TEST_SUITE(stanza)

BOOST_AUTO_TEST_CASE(types_are_read_as_their_kind_of_stanza_defines_them)
{
    const std::tuple<Kind, std::string_view, Type> cases[] = {
        {Kind::message, "", Type::normal},
        {Kind::message, "normal", Type::normal},
        {Kind::message, "chat", Type::chat},
        {Kind::message, "groupchat", Type::groupchat},
        {Kind::message, "headline", Type::headline},
        {Kind::message, "error", Type::error},
        {Kind::message, "oops", Type::normal},
        {Kind::message, "get", Type::normal},
        {Kind::presence, "", Type::available},
        {Kind::presence, "unavailable", Type::unavailable},
        {Kind::presence, "subscribe", Type::subscribe},
        {Kind::presence, "subscribed", Type::subscribed},
        {Kind::presence, "unsubscribe", Type::unsubscribe},
        {Kind::presence, "unsubscribed", Type::unsubscribed},
        {Kind::presence, "probe", Type::probe},
        {Kind::presence, "error", Type::error},
        {Kind::presence, "available", Type::unknown},
        {Kind::presence, "chat", Type::unknown},
        {Kind::iq, "get", Type::get},
        {Kind::iq, "set", Type::set},
        {Kind::iq, "result", Type::result},
        {Kind::iq, "error", Type::error},
        {Kind::iq, "", Type::unknown},
        {Kind::iq, "GET", Type::unknown},
    };
    for (const auto& [kind, text, type] : cases) {
        BOOST_TEST((type_of(kind, text) == type), name(kind) << " " << text);
    }
}

BOOST_AUTO_TEST_CASE(a_reply_goes_back_without_a_payload)
{
    BOOST_TEST(written(message().reply(Type::normal)) == "<message from='x@y' to='a@b/c' id='7'/>");
}

BOOST_AUTO_TEST_CASE(an_error_goes_back_with_its_condition_and_text)
{
    const Stanza answer =
        message().error_reply(Error{Condition::item_not_found, "No <such> room", "secret", {}});
    BOOST_TEST(
        written(answer) ==
        "<message from='x@y' to='a@b/c' id='7' type='error'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>"
        "No &lt;such&gt; room</text></error></message>");
    BOOST_TEST(answer.has(ns::client, "error"));
    BOOST_TEST(!answer.answerable());
}

BOOST_AUTO_TEST_CASE(an_error_may_have_another_type_than_its_condition_suggests)
{
    const Error error{Condition::service_unavailable, "", "", ErrorType::wait};
    BOOST_TEST(
        error_element(error).str(ns::client) ==
        "<error type='wait'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
}

BOOST_AUTO_TEST_CASE(errors_and_results_are_not_answerable)
{
    Stanza stanza;
    BOOST_TEST(stanza.answerable());
    stanza.type = Type::result;
    BOOST_TEST(!stanza.answerable());
    stanza.type = Type::error;
    BOOST_TEST(!stanza.answerable());
}

BOOST_AUTO_TEST_CASE(hidden_children_are_not_found)
{
    Stanza stanza = message();
    BOOST_TEST(stanza.element(ns::client, "body")->text() == "one");
    stanza.hidden = 1;
    BOOST_TEST(stanza.element("", "body")->text() == "two");
    stanza.hidden = 0b111;
    BOOST_TEST(!stanza.has("", "body"));
    BOOST_TEST(!stanza.has("urn:x", "x"));
    stanza.payload = {};
    BOOST_TEST(!stanza.has("urn:x", "x"));
}

BOOST_AUTO_TEST_CASE(only_the_first_64_children_can_be_hidden)
{
    Stanza stanza;
    const std::vector<Element> children(70, Element{"urn:x", "x"});
    stanza.payload = Payload::make(children);
    stanza.hidden = ~std::uint64_t{0};
    BOOST_TEST(stanza.has("urn:x", "x"));
    std::string six;
    for (int i = 0; i < 6; ++i) {
        six += "<x xmlns='urn:x'/>";
    }
    BOOST_TEST(written(stanza) == "<message>" + six + "</message>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
