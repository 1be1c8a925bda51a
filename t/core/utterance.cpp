// SPDX-License-Identifier: Apache-2.0
#include "core/utterance.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

Stanza message(const std::vector<std::string>& children)
{
    std::vector<Element> elements;
    for (const std::string& child : children) {
        elements.push_back(Element::read(child).value());
    }
    Stanza stanza;
    stanza.lang = "en";
    stanza.payload = Payload::make(elements);
    return stanza;
}

// What is inside once the first text is another.
std::string censored(const Stanza& stanza, const std::string& text = "***")
{
    std::vector<SpokenText> texts = spoken_texts(stanza);
    texts.front().text = text;
    return std::string{with_texts(stanza, texts)->bytes()};
}

const std::string body = "<body>Hail, hag!</body>";
const std::string new_body = "<body>***</body>";

} // namespace

BOOST_AUTO_TEST_SUITE(utterance)

BOOST_AUTO_TEST_CASE(bodies_and_subjects_are_told_in_each_language)
{
    const Stanza stanza = message(
        {body,
         "<thread>t</thread>",
         "<body xml:lang='ko'>안녕 🎈 &lt;&amp;</body>",
         "<subject>Fire</subject>",
         "<body xmlns='urn:x'>no</body>"});
    const std::vector<SpokenText> expected{
        {"body", "en", "Hail, hag!"}, {"body", "ko", "안녕 🎈 <&"}, {"subject", "en", "Fire"}};
    BOOST_TEST((spoken_texts(stanza) == expected));
    BOOST_TEST(spoken_texts(Stanza{}).empty());
}

BOOST_AUTO_TEST_CASE(a_text_is_replaced_where_it_stands_and_all_else_stays)
{
    const Stanza stanza = message(
        {"<thread>t</thread>",
         "<body xml:lang='ko'>안녕</body>",
         body,
         "<x xmlns='urn:x' a='1'/>"});
    std::vector<SpokenText> texts = spoken_texts(stanza);
    texts[0].text = "<b> & \"'";
    BOOST_TEST(
        with_texts(stanza, texts)->bytes() ==
        "<thread>t</thread><body xml:lang='ko'>&lt;b&gt; &amp; \"'</body>" + body +
            "<x xmlns='urn:x' a='1'/>");
    texts[0].text.clear();
    BOOST_TEST(
        with_texts(stanza, texts)->bytes().starts_with("<thread>t</thread><body xml:lang='ko'/>"));
}

BOOST_AUTO_TEST_CASE(what_points_into_a_body_goes_with_it)
{
    const std::string gone[] = {
        "<reference xmlns='urn:xmpp:reference:0' type='mention' begin='6' end='9' uri='xmpp:a@b'/>",
        "<mention xmlns='urn:xmpp:mentions:0' begin='6' end='9' occupantid='1'/>",
        "<markup xmlns='urn:xmpp:markup:0'><span start='0' end='4'><emphasis/></span></markup>",
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/>"
        "</fallback>",
        "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'>Hail, hag!</body></html>",
    };
    for (const std::string& child : gone) {
        BOOST_TEST(censored(message({body, child})) == new_body, child);
    }
}

BOOST_AUTO_TEST_CASE(what_points_elsewhere_stays)
{
    const std::string kept[] = {
        "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:a@b'/>",
        "<reference xmlns='urn:xmpp:reference:0' type='data' begin='6' end='9' uri='xmpp:a@b' "
        "anchor='xmpp:c@d?;item=1'/>",
        "<mention xmlns='urn:xmpp:mentions:0' occupantid='1'/>",
        "<reply xmlns='urn:xmpp:reply:0' id='1'/>",
        "<unstyled xmlns='urn:xmpp:styling:0'/>",
    };
    for (const std::string& child : kept) {
        BOOST_TEST(censored(message({body, child})) == new_body + child, child);
    }
}

BOOST_AUTO_TEST_CASE(where_the_body_is_the_same_what_points_into_it_stays)
{
    const std::string markup =
        "<markup xmlns='urn:xmpp:markup:0'><bcode start='0' end='4'/></markup>";
    const Stanza stanza = message({"<subject>Hag</subject>", body, markup});
    BOOST_TEST(censored(stanza) == "<subject>***</subject>" + body + markup);
    BOOST_TEST(with_texts(stanza, spoken_texts(stanza))->bytes() == stanza.payload->bytes());
}

BOOST_AUTO_TEST_CASE(nothing_of_what_is_hidden_is_told_or_kept)
{
    Stanza stanza = message({"<body>hidden</body>", body, "<x xmlns='urn:x'/>"});
    stanza.hidden = 1;
    BOOST_TEST(spoken_texts(stanza).size() == 1U);
    BOOST_TEST(censored(stanza) == new_body + "<x xmlns='urn:x'/>");
}

BOOST_AUTO_TEST_CASE(what_is_encrypted_is_known_by_what_is_inside)
{
    for (const char* const child :
         {"<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example'/>",
          "<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
          "<encrypted xmlns='urn:xmpp:omemo:2'/>",
          "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>",
          "<x xmlns='jabber:x:encrypted'>x</x>"}) {
        BOOST_TEST(is_encrypted(message({body, child})), child);
    }
    BOOST_TEST(!is_encrypted(message({body})));
    BOOST_TEST(!is_encrypted(Stanza{}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
