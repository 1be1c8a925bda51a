// SPDX-License-Identifier: Apache-2.0
// The inbox: what an archive tells of its conversations.
#include "store/archive_store.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "archives.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

const std::string juliet = "juliet@capulet.example";
const std::string nurse = "nurse@capulet.example";
const std::string romeo = "romeo@montague.example";
const std::string tybalt = "tybalt@capulet.example";
const std::string coven = "coven@rooms.example";

Draft entry(const std::string& with, EntryRole role, int number)
{
    Draft draft{juliet};
    draft.with = with;
    draft.role = role;
    draft.message_id = "m" + std::to_string(number);
    draft.stanza = "<message>" + draft.message_id;
    return draft;
}

Draft received(const std::string& with, int number)
{
    return entry(with, EntryRole::received, number);
}

Draft marker(const std::string& with, EntryRole role, int number)
{
    Draft draft{juliet};
    draft.with = with;
    draft.role = role;
    draft.refers_to = "m" + std::to_string(number);
    draft.stanza = "<message>";
    return draft;
}

// A room tells of a message, and of something that happened to one.
Draft note(EntryRole role, int number)
{
    Draft draft{juliet};
    draft.with = coven;
    draft.role = role;
    draft.message_id = "m" + std::to_string(number);
    return draft;
}

Draft about(EntryRole role, int number)
{
    Draft draft = note(role, number);
    draft.refers_to.swap(draft.message_id);
    return draft;
}

InboxQuery query(std::size_t limit = 50)
{
    InboxQuery query;
    query.owner = juliet;
    query.limit = limit;
    return query;
}

template <class Backend>
class Inbox : public Archives<Backend> {
public:
    using Archives<Backend>::page;

    ArchiveId append(const Draft& draft) { return Archives<Backend>::append({draft}).front().id; }

    InboxPage page(const InboxQuery& query)
    {
        return this->get(query.owner, this->archive().inbox(query));
    }

    Conversation with(const std::string& party)
    {
        const auto told = this->get(juliet, this->archive().conversation(juliet, party));
        BOOST_TEST_REQUIRE(told.has_value());
        return *told;
    }

    bool has(const std::string& party)
    {
        return this->get(juliet, this->archive().conversation(juliet, party)).has_value();
    }

    bool mark_read(const std::string& party, ArchiveId id)
    {
        return this->get(juliet, this->archive().mark_read(juliet, party, id));
    }

    std::uint64_t remove_before(ArchiveId id)
    {
        return this->get(juliet, this->archive().remove_before(juliet, id));
    }
};

std::vector<std::string> parties(const InboxPage& page)
{
    std::vector<std::string> all;
    for (const Conversation& one : page.conversations) {
        all.push_back(one.with);
    }
    return all;
}

// What is looked at twice: while it is in the journal alone, and once it is in blocks.
template <class Kept, class Look>
void twice(Kept& kept, Look look)
{
    look();
    kept.fold(juliet);
    look();
    kept.reopen();
    look();
}

} // namespace

BOOST_AUTO_TEST_SUITE(inbox)

BOOST_AUTO_TEST_CASE_TEMPLATE(
    conversations_come_newest_first_with_what_is_unread, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(received(romeo, 1));
    kept.append(entry(tybalt, EntryRole::mention, 2));
    const ArchiveId last = kept.append(received(romeo, 3));
    const ArchiveId reaction = kept.append(entry(tybalt, EntryRole::none, 4));
    kept.append(entry(nurse, EntryRole::sent, 5));
    twice(kept, [&] {
        const InboxPage page = kept.page(query());
        BOOST_TEST((parties(page) == std::vector{nurse, romeo, tybalt}));
        BOOST_TEST(page.complete);
        BOOST_TEST((page.totals == InboxTotals{3, 2, 3, 1}));
        const Conversation& first = page.conversations[1];
        BOOST_TEST(first.unread == 2U);
        BOOST_TEST(first.mentions == 0U);
        BOOST_TEST((first.message == last && first.last == last));
        BOOST_TEST_REQUIRE(first.entry.has_value());
        BOOST_TEST(first.entry->stanza == "<message>m3");
        const Conversation& second = page.conversations[2];
        BOOST_TEST(second.mentions == 1U);
        BOOST_TEST((second.message < reaction && second.last == reaction));
        BOOST_TEST(second.entry->stanza == "<message>m2");
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_asked_for_alone_comes_alone, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(received(romeo, 1));
    kept.append(entry(tybalt, EntryRole::sent, 2));
    kept.append(received(nurse, 3));
    twice(kept, [&] {
        InboxQuery unread = query();
        unread.unread_only = true;
        unread.entries = false;
        const InboxPage page = kept.page(unread);
        BOOST_TEST((parties(page) == std::vector{nurse, romeo}));
        BOOST_TEST(!page.conversations[0].entry.has_value());
        BOOST_TEST((page.totals == InboxTotals{3, 2, 2, 0}));
        BOOST_TEST(kept.page(query(0)).conversations.empty());
        BOOST_TEST((kept.page(query(0)).totals == page.totals));
        InboxQuery other = query();
        other.owner = romeo;
        BOOST_TEST(kept.page(other).conversations.empty());
        BOOST_TEST((kept.page(other).totals == InboxTotals{}));
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pages_follow_each_other_in_both_directions, Backend, Backends)
{
    Inbox<Backend> kept;
    std::vector<std::string> expected;
    for (int i = 0; i < 25; ++i) {
        const std::string party = "user" + std::to_string(i) + "@montague.example";
        kept.append(received(party, i));
        expected.insert(expected.begin(), party);
        if (i == 15) {
            kept.fold(juliet);
        }
    }
    std::vector<std::string> found;
    InboxQuery next = query(4);
    for (bool complete = false; !complete;) {
        const InboxPage page = kept.page(next);
        for (const Conversation& one : page.conversations) {
            found.push_back(one.with);
            next.below = one.message;
        }
        complete = page.complete;
    }
    BOOST_TEST(found == expected, boost::test_tools::per_element());
    found.clear();
    next = query(4);
    next.backwards = true;
    for (bool complete = false; !complete;) {
        const InboxPage page = kept.page(next);
        const auto names = parties(page);
        found.insert(found.begin(), names.begin(), names.end());
        next.above = page.conversations.front().message;
        complete = page.complete;
    }
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(whoever_answers_has_read_all_before, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(received(romeo, 1));
    kept.append(received(tybalt, 2));
    const ArchiveId answer = kept.append(entry(romeo, EntryRole::sent, 3));
    kept.append(received(romeo, 4));
    twice(kept, [&] {
        BOOST_TEST(kept.with(romeo).unread == 1U);
        BOOST_TEST((kept.with(romeo).read == answer));
        BOOST_TEST(kept.with(tybalt).unread == 1U);
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_marker_reads_what_it_refers_to_and_all_before, Backend, Backends)
{
    for (const bool folded : {false, true}) {
        Inbox<Backend> kept;
        kept.append(received(romeo, 1));
        const ArchiveId read = kept.append(received(romeo, 2));
        kept.append(received(romeo, 3));
        if (folded) {
            kept.fold(juliet);
        }
        const ArchiveId last = kept.append(marker(romeo, EntryRole::displayed, 2));
        kept.append(marker(romeo, EntryRole::displayed, 1));  // only forwards
        kept.append(marker(romeo, EntryRole::displayed, 9));  // what nobody knows
        kept.append(marker(tybalt, EntryRole::displayed, 3)); // another's
        twice(kept, [&] {
            BOOST_TEST(kept.with(romeo).unread == 1U);
            BOOST_TEST((kept.with(romeo).read == read));
            BOOST_TEST((kept.with(romeo).last > last));
            BOOST_TEST(!kept.has(tybalt));
        });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(how_far_the_party_has_read_is_known, Backend, Backends)
{
    for (const bool folded : {false, true}) {
        Inbox<Backend> kept;
        std::vector<ArchiveId> sent;
        for (int i = 0; i < 70; ++i) {
            sent.push_back(kept.append(entry(romeo, EntryRole::sent, i)));
        }
        if (folded) {
            kept.fold(juliet);
        }
        kept.append(marker(romeo, EntryRole::seen, 2)); // too long ago
        twice(kept, [&] { BOOST_TEST((kept.with(romeo).seen == ArchiveId::none)); });
        kept.append(marker(romeo, EntryRole::seen, 65));
        kept.append(marker(romeo, EntryRole::seen, 40)); // only forwards
        twice(kept, [&] { BOOST_TEST((kept.with(romeo).seen == sent[65])); });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_position_is_kept_wherever_its_entry_is, Backend, Backends)
{
    Inbox<Backend> kept;
    const ArchiveId first = kept.append(received(romeo, 1));
    BOOST_TEST(kept.mark_read(romeo, first)); // no conversation of his was folded
    const ArchiveId second = kept.append(received(romeo, 2));
    BOOST_TEST(kept.with(romeo).unread == 1U);
    BOOST_TEST(kept.mark_read(romeo, second)); // one was, but not this entry
    BOOST_TEST(kept.with(romeo).unread == 0U);
    BOOST_TEST(kept.mark_read(romeo, first)); // only forwards
    BOOST_TEST(!kept.mark_read(tybalt, second));
    kept.append(received(romeo, 3));
    kept.fold(juliet);
    BOOST_TEST(kept.mark_read(romeo, second));
    twice(kept, [&] {
        BOOST_TEST((kept.with(romeo).read == second));
        BOOST_TEST(kept.with(romeo).unread == 1U);
        BOOST_TEST(!kept.has(tybalt));
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(no_more_are_counted_than_the_bound, Backend, Backends)
{
    constexpr int spare = 10;
    Inbox<Backend> kept;
    std::vector<Draft> many;
    for (int i = 0; i < static_cast<int>(Conversation::most_unread) + spare; ++i) {
        many.push_back(received(romeo, i));
    }
    const auto all = kept.Archives<Backend>::append(many);
    BOOST_TEST(kept.with(romeo).unread == Conversation::most_unread);
    BOOST_TEST(kept.with(romeo).more);
    twice(kept, [&] {
        BOOST_TEST(kept.with(romeo).unread == Conversation::most_unread);
        BOOST_TEST(kept.with(romeo).more);
    });
    BOOST_TEST(kept.mark_read(romeo, all[spare - 2].id));
    BOOST_TEST(kept.with(romeo).more); // the last one that there was no room for
    BOOST_TEST(kept.mark_read(romeo, all[spare - 1].id));
    BOOST_TEST(!kept.with(romeo).more);
    BOOST_TEST(kept.with(romeo).unread == Conversation::most_unread);
    kept.append(marker(romeo, EntryRole::displayed, spare + 3));
    twice(kept, [&] { BOOST_TEST(kept.with(romeo).unread == Conversation::most_unread - 4); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_text_that_is_gone_is_unread_no_more, Backend, Backends)
{
    Inbox<Backend> kept;
    const ArchiveId first = kept.append(received(romeo, 1));
    const ArchiveId second = kept.append(entry(romeo, EntryRole::mention, 2));
    BOOST_TEST(kept.get(juliet, kept.archive().replace(juliet, second, "<gone/>")));
    twice(kept, [&] {
        const InboxPage page = kept.page(query());
        BOOST_TEST((page.totals == InboxTotals{1, 1, 1, 0}));
        BOOST_TEST((page.conversations[0].message == second)); // it still stands there
        BOOST_TEST(page.conversations[0].entry->stanza == "<gone/>");
    });
    BOOST_TEST(kept.get(juliet, kept.archive().replace(juliet, first, "<gone/>")));
    twice(kept, [&] { BOOST_TEST((kept.page(query()).totals == InboxTotals{1, 0, 0, 0})); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_conversation_goes_with_its_last_message, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(received(romeo, 1));
    kept.append(received(tybalt, 2));
    const ArchiveId second = kept.append(received(romeo, 3));
    kept.append(entry(tybalt, EntryRole::none, 4));
    BOOST_TEST(kept.remove_before(second) == 2U);
    twice(kept, [&] {
        BOOST_TEST((parties(kept.page(query())) == std::vector{romeo}));
        BOOST_TEST((kept.page(query()).totals == InboxTotals{1, 1, 1, 0}));
    });
    BOOST_TEST(kept.remove_before(ArchiveId::none) == 2U);
    twice(kept, [&] { BOOST_TEST((kept.page(query()).totals == InboxTotals{})); });
    kept.append(received(tybalt, 5));
    twice(kept, [&] { BOOST_TEST(kept.with(tybalt).unread == 1U); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_expires_is_unread_no_more, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(received(romeo, 1));
    kept.append(received(tybalt, 2));
    kept.time().advance(48h);
    kept.append(received(romeo, 3));
    const Clock::Wall before = kept.time().wall() - 24h;
    BOOST_TEST(kept.get(juliet, kept.archive().expire("capulet.example", before)) == 2U);
    twice(kept, [&] {
        BOOST_TEST(kept.with(romeo).unread == 1U);
        BOOST_TEST(!kept.has(tybalt));
        BOOST_TEST((kept.page(query()).totals == InboxTotals{1, 1, 1, 0}));
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_ends_where_it_is_large, Backend, Backends)
{
    Inbox<Backend> kept;
    for (int i = 0; i < 6; ++i) {
        Draft large = received("user" + std::to_string(i) + "@montague.example", i);
        large.stanza += std::string(100 * 1024, 'x');
        kept.append(large);
    }
    const InboxPage page = kept.page(query());
    BOOST_TEST(page.conversations.size() == 3U);
    BOOST_TEST(!page.complete);
    BOOST_TEST(page.totals.conversations == 6U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_namesake_inherits_no_conversation, Backend, Backends)
{
    Inbox<Backend> kept;
    Account account;
    account.owner = juliet;
    account.host = "capulet.example";
    kept.get(juliet, kept.accounts().create(account));
    kept.append(received(romeo, 1));
    kept.fold(juliet);
    kept.append(received(tybalt, 2));
    kept.get(juliet, kept.accounts().remove(juliet));
    BOOST_TEST((kept.page(query()).totals == InboxTotals{}));
    kept.get(juliet, kept.accounts().create(account));
    kept.reopen();
    BOOST_TEST(kept.page(query()).conversations.empty());
    kept.append(received(romeo, 3));
    BOOST_TEST((kept.page(query()).totals == InboxTotals{1, 1, 1, 0}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(
    a_room_has_a_conversation_whose_messages_are_elsewhere, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(note(EntryRole::room_received, 1));
    kept.append(note(EntryRole::room_mention, 2));
    const ArchiveId last = kept.append(note(EntryRole::room_received, 3));
    kept.append(received(romeo, 4));
    twice(kept, [&] {
        const InboxPage page = kept.page(query());
        BOOST_TEST((parties(page) == std::vector{romeo, coven}));
        BOOST_TEST((page.totals == InboxTotals{2, 2, 4, 1}));
        const Conversation& told = page.conversations[1];
        BOOST_TEST(told.room_message == "m3");
        BOOST_TEST(told.room_read == "");
        BOOST_TEST((told.unread == 3U && told.mentions == 1U && told.message == last));
        BOOST_TEST(!told.entry.has_value());
        BOOST_TEST(page.conversations[0].room_message == "");
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(notes_of_rooms_are_in_no_page_and_found_by_nothing, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(note(EntryRole::room_received, 1));
    kept.append(received(romeo, 2));
    kept.append(about(EntryRole::room_displayed, 1));
    kept.append(received(romeo, 3));
    kept.append(note(EntryRole::room_received, 4));
    twice(kept, [&] {
        for (const std::string& with : {std::string{}, romeo, coven}) {
            ArchiveQuery all{juliet};
            all.with = with;
            BOOST_TEST(kept.page(all).entries.size() == (with == coven ? 0U : 2U));
            all.backwards = true;
            BOOST_TEST(kept.page(all).entries.size() == (with == coven ? 0U : 2U));
        }
        const ArchiveExtent extent = kept.get(juliet, kept.archive().extent(juliet));
        BOOST_TEST(extent.entries == 2U);
        BOOST_TEST(kept.get(juliet, kept.archive().find_message(juliet, coven, "m4")).empty());
        BOOST_TEST(kept.get(juliet, kept.archive().find_references(juliet, "m1", 9)).empty());
        BOOST_TEST(kept.get(juliet, kept.archive().find(juliet, {extent.first})).size() == 1U);
        BOOST_TEST(kept.get(juliet, kept.archive().check(juliet, ArchiveId::none)).faults.empty());
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_marker_in_a_room_reads_up_to_what_it_names, Backend, Backends)
{
    for (const bool folded : {false, true}) {
        Inbox<Backend> kept;
        for (int i = 1; i < 4; ++i) {
            kept.append(note(EntryRole::room_received, i));
        }
        if (folded) {
            kept.fold(juliet);
        }
        kept.append(about(EntryRole::room_displayed, 2));
        kept.append(about(EntryRole::room_displayed, 1)); // only forwards
        kept.append(about(EntryRole::room_displayed, 9)); // what nobody knows
        twice(kept, [&] {
            BOOST_TEST(kept.with(coven).unread == 1U);
            BOOST_TEST(kept.with(coven).room_read == "m2");
            BOOST_TEST(kept.with(coven).room_message == "m3");
        });
        kept.append(note(EntryRole::room_sent, 4));
        twice(kept, [&] {
            BOOST_TEST(kept.with(coven).unread == 0U);
            BOOST_TEST(kept.with(coven).room_read == "m4");
        });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_retracted_in_a_room_is_unread_no_more, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(note(EntryRole::room_mention, 1));
    kept.append(note(EntryRole::room_received, 2));
    kept.append(about(EntryRole::room_retracted, 1));
    twice(kept, [&] {
        BOOST_TEST(kept.with(coven).unread == 1U);
        BOOST_TEST(kept.with(coven).mentions == 0U);
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(
    a_room_that_was_left_is_forgotten_and_may_come_back, Backend, Backends)
{
    for (const bool folded : {false, true}) {
        Inbox<Backend> kept;
        kept.append(received(romeo, 1));
        kept.append(note(EntryRole::room_received, 2));
        if (folded) {
            kept.fold(juliet);
        }
        kept.append(about(EntryRole::room_left, 0));
        kept.append(about(EntryRole::room_displayed, 2));
        twice(kept, [&] {
            BOOST_TEST((parties(kept.page(query())) == std::vector{romeo}));
            BOOST_TEST((kept.page(query()).totals == InboxTotals{1, 1, 1, 0}));
            BOOST_TEST(!kept.has(coven));
        });
        kept.append(note(EntryRole::room_received, 3));
        twice(kept, [&] {
            BOOST_TEST((parties(kept.page(query())) == std::vector{coven, romeo}));
            BOOST_TEST(kept.with(coven).unread == 1U);
        });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_room_wrote_to_him_himself_is_shown_itself, Backend, Backends)
{
    Inbox<Backend> kept;
    kept.append(note(EntryRole::room_received, 1));
    kept.append(received(coven, 2)); // an invitation
    twice(kept, [&] {
        const InboxPage page = kept.page(query());
        BOOST_TEST(page.conversations[0].room_message == "");
        BOOST_TEST_REQUIRE(page.conversations[0].entry.has_value());
        BOOST_TEST(page.conversations[0].entry->stanza == "<message>m2");
    });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
