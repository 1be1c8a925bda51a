// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/entry.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

const std::string said = "<message xmlns='jabber:client' from='romeo@localhost/orchard' "
                         "to='juliet@localhost' id='1' type='chat'><body>Call &amp; me</body>"
                         "<origin-id xmlns='urn:xmpp:sid:0' id='1'/></message>";

struct Stage {
    Retraction retraction{
        Jid::parse("romeo@localhost").value(),
        "r'1",
        std::chrono::sys_days{std::chrono::year{2019} / 9 / 20}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(mam_entry, Stage)

BOOST_AUTO_TEST_CASE(a_message_is_read_as_it_was_kept)
{
    const Stanza message = archived_message(said).value();
    BOOST_TEST(message.from.str() == "romeo@localhost/orchard");
    BOOST_TEST(message.to.str() == "juliet@localhost");
    BOOST_TEST(message.id == "1");
    BOOST_TEST((message.type == Type::chat));
    const Stanza again = archived_message(archived(message)).value();
    BOOST_TEST(archived(again) == archived(message));
    BOOST_TEST(again.element(ns::client, "body").value().text() == "Call & me");
}

BOOST_AUTO_TEST_CASE(what_was_not_kept_as_a_message_is_none)
{
    for (const char* const text :
         {"", "<", "<iq xmlns='jabber:client'/>", "<message xmlns='jabber:client' from='@'/>"}) {
        BOOST_TEST(!archived_message(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(a_message_that_is_sent_again_is_known)
{
    const Stanza message = archived_message(said).value();
    BOOST_TEST(is_archived_as(message, said));
    BOOST_TEST(is_archived_as(message, tombstone(said, retraction).value()));
    Stanza later = message;
    later.from = Jid::parse("romeo@localhost/other").value();
    later.added = "<delay xmlns='urn:xmpp:delay' stamp='2026-06-01T00:00:00Z'/>";
    BOOST_TEST(is_archived_as(later, said));
}

BOOST_AUTO_TEST_CASE(another_message_with_the_same_id_is_not_taken_for_it)
{
    const auto check = [](auto change) {
        Stanza other = archived_message(said).value();
        change(other);
        BOOST_TEST(!is_archived_as(other, said));
    };
    Element body{ns::client, "body"};
    body.text("Call me not");
    check([&body](Stanza& other) { other.payload = Payload::make(body); });
    check([](Stanza& other) { other.id = "2"; });
    check([](Stanza& other) { other.from = Jid::parse("mercutio@localhost").value(); });
    check([](Stanza& other) { other.to = Jid::parse("nurse@localhost").value(); });
    BOOST_TEST(!is_archived_as(archived_message(said).value(), "<"));
}

BOOST_AUTO_TEST_CASE(of_a_retracted_message_only_its_place_is_left)
{
    const std::string left = tombstone(said, retraction).value();
    BOOST_TEST(left.find("Call") == std::string::npos);
    const Stanza message = archived_message(left).value();
    BOOST_TEST(message.from.str() == "romeo@localhost/orchard");
    BOOST_TEST(message.to.str() == "juliet@localhost");
    BOOST_TEST(message.id == "1");
    const Element retracted = message.element("urn:xmpp:message-retract:1", "retracted").value();
    BOOST_TEST(retracted.attribute("id") == "r'1");
    BOOST_TEST(retracted.attribute("stamp") == "2019-09-20T00:00:00Z");
    BOOST_TEST(message.payload->size() == 1U);
}

BOOST_AUTO_TEST_CASE(nobody_retracts_what_another_wrote_or_what_is_gone)
{
    const std::string left = tombstone(said, retraction).value();
    BOOST_TEST(!tombstone(left, retraction).has_value());
    retraction.from = Jid::parse("juliet@localhost").value();
    BOOST_TEST(!tombstone(said, retraction).has_value());
    BOOST_TEST(!tombstone("<no", retraction).has_value());
}

BOOST_AUTO_TEST_CASE(a_result_bears_the_message_its_time_and_what_refers_to_it)
{
    ArchiveIds ids{Secret{std::string(32, 'k')}};
    const ArchiveId id{1ULL << 23U};
    const ArchiveId later{2ULL << 23U};
    ResultWriter writer{ids, "juliet@localhost", "f'27"};
    ArchiveHit hit{{id, "romeo@localhost", "orchard", said}, {}, false};
    const Element plain = writer.payload(hit)->element("urn:xmpp:mam:2", "result").value();
    BOOST_TEST(plain.attribute("queryid") == "f'27");
    BOOST_TEST((ids.read("juliet@localhost", plain.attribute("id")) == id));
    const Element forwarded = *plain.child("urn:xmpp:forward:0", "forwarded");
    BOOST_TEST(
        forwarded.child("urn:xmpp:delay", "delay")->attribute("stamp") ==
        "2020-01-01T00:00:00.001Z");
    BOOST_TEST((*forwarded.child(ns::client, "message") == Element::read(said).value()));
    BOOST_TEST(plain.children().size() == 1U);

    hit.references.push_back({later, "romeo@localhost", "", said});
    hit.more = true;
    const Element full = writer.payload(hit)->element("urn:xmpp:mam:2", "result").value();
    const Element references = *full.child("urn:sarang:archive:0", "references");
    BOOST_TEST(references.attribute("complete") == "false");
    BOOST_TEST((ids.read("juliet@localhost", references.child()->attribute("id")) == later));
}

BOOST_AUTO_TEST_CASE(of_an_entry_and_what_refers_to_it_only_what_may_be_seen_is_left)
{
    const auto entry = [](const std::string& text) { return ArchiveEntry{{}, {}, {}, text}; };
    const auto show = [](Stanza& message) {
        const bool shown = message.id != "secret";
        message.to = Jid{};
        return shown;
    };
    const std::string hidden = "<message xmlns='jabber:client' id='secret'/>";
    ArchiveHit hit{entry(said), {entry(hidden), entry(said), entry("<broken")}, false};
    BOOST_TEST_REQUIRE(hit.narrow(show));
    BOOST_TEST(archived_message(hit.entry.stanza).value().to.empty());
    BOOST_TEST(archived_message(hit.entry.stanza).value().id == "1");
    BOOST_TEST_REQUIRE(hit.references.size() == 1U);
    BOOST_TEST(archived_message(hit.references[0].stanza).value().to.empty());
    ArchiveHit other{entry(hidden), {}, false};
    BOOST_TEST(!other.narrow(show));
    ArchiveHit broken{entry("<broken"), {}, false};
    BOOST_TEST(!broken.narrow(show));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
