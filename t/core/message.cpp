// SPDX-License-Identifier: Apache-2.0
#include "core/message.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <variant>

namespace sarang {
namespace {

Stanza sample()
{
    Element body{ns::client, "body"};
    body.text("안녕 🎈 <&>");
    Element extra{"urn:example:extra", "x"};
    const Element children[] = {body, extra};
    Stanza stanza;
    stanza.kind = Kind::message;
    stanza.type = Type::chat;
    stanza.from = Jid::parse("romeo@example.org/orchard").value();
    stanza.to = Jid::parse("juliet@example.org").value();
    stanza.id = "a1";
    stanza.lang = "ko";
    stanza.payload = Payload::make(children);
    stanza.added = "<delay xmlns='urn:xmpp:delay'/>";
    stanza.hidden = 2;
    stanza.entry = 0x0123456789abcdef;
    stanza.again = 1234567890123;
    return stanza;
}

void check_same(const Stanza& a, const Stanza& b)
{
    BOOST_TEST((a.kind == b.kind && a.type == b.type));
    BOOST_TEST((a.from == b.from && a.to == b.to));
    BOOST_TEST(a.id == b.id);
    BOOST_TEST(a.lang == b.lang);
    BOOST_TEST(a.added == b.added);
    BOOST_TEST(a.hidden == b.hidden);
    BOOST_TEST(a.entry == b.entry);
    BOOST_TEST(a.again == b.again);
    BOOST_TEST(static_cast<bool>(a.payload) == static_cast<bool>(b.payload));
    if (a.payload && b.payload) {
        BOOST_TEST(a.payload->bytes() == b.payload->bytes());
        BOOST_TEST(b.payload->has("urn:example:extra", "x"));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(a_stanza_comes_back_as_it_went)
{
    const auto back = decode_stanza(encode(sample()));
    BOOST_REQUIRE(back.has_value());
    check_same(sample(), *back);
}

BOOST_AUTO_TEST_CASE(a_stanza_that_was_kept_by_an_older_version_is_read)
{
    std::string bytes = encode(sample());
    bytes.front() = 1;
    const auto back = decode_stanza(bytes.substr(0, bytes.size() - 16));
    BOOST_REQUIRE(back.has_value());
    Stanza expected = sample();
    expected.entry = expected.again = 0;
    check_same(expected, *back);
}

BOOST_AUTO_TEST_CASE(notes_for_inboxes_come_back_as_they_went)
{
    const NoteInInboxes sent{
        Jid::parse("coven@rooms.example").value(),
        "name",
        {{Jid::parse("a@b").value(), EntryRole::room_mention},
         {Jid::parse("c@d").value(), EntryRole::room_left}}};
    const auto back = decode_message(encode(Message{sent}));
    BOOST_REQUIRE(back.has_value());
    const auto& got = std::get<NoteInInboxes>(*back);
    BOOST_TEST((got.room == sent.room && got.message == sent.message && got.notes == sent.notes));
}

BOOST_AUTO_TEST_CASE(what_is_no_note_is_no_message)
{
    for (const EntryRole role : {EntryRole::seen, EntryRole{99}}) {
        const NoteInInboxes wrong{
            Jid::parse("coven@rooms.example").value(), "", {{Jid::parse("a@b").value(), role}}};
        BOOST_TEST(!decode_message(encode(Message{wrong})).has_value());
    }
}

BOOST_AUTO_TEST_CASE(each_kind_of_message_comes_back_as_it_went)
{
    const SessionId session{1, 2, 3, 4};
    auto one = decode_message(encode(Message{DeliverStanza{sample(), session}}));
    BOOST_REQUIRE(one.has_value());
    check_same(sample(), std::get<DeliverStanza>(*one).stanza);
    BOOST_TEST((std::get<DeliverStanza>(*one).sender == session));

    const std::vector<Jid> to{Jid::parse("a@b").value(), Jid::parse("c@d/e").value()};
    auto many = decode_message(encode(Message{DeliverToMany{sample(), to}}));
    BOOST_REQUIRE(many.has_value());
    BOOST_TEST((std::get<DeliverToMany>(*many).recipients == to));

    auto awaited = decode_message(encode(Message{AwaitSettled{session, 1}}));
    BOOST_REQUIRE(awaited.has_value());
    BOOST_TEST((std::get<AwaitSettled>(*awaited).session == session));
    BOOST_TEST(std::get<AwaitSettled>(*awaited).question == 1);

    auto settled = decode_message(encode(Message{StanzasSettled{session, 1}}));
    BOOST_REQUIRE(settled.has_value());
    BOOST_TEST((std::get<StanzasSettled>(*settled).session == session));
    BOOST_TEST(std::get<StanzasSettled>(*settled).question == 1);
}

BOOST_AUTO_TEST_CASE(a_stanza_without_a_payload_or_addresses_is_fine)
{
    Stanza bare;
    bare.kind = Kind::presence;
    bare.type = Type::available;
    const auto back = decode_stanza(encode(bare));
    BOOST_REQUIRE(back.has_value());
    check_same(bare, *back);
}

BOOST_AUTO_TEST_CASE(cut_or_changed_bytes_are_refused_or_read_without_harm)
{
    const std::string whole = encode(Message{DeliverStanza{sample(), {1, 2, 3, 4}}});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_TEST(!decode_message(whole.substr(0, size)).has_value(), size);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            static_cast<void>(decode_message(changed));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
