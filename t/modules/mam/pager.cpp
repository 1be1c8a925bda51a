// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/pager.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

#include "../../fake/archive_store.h"
#include "../../fake/clock.h"
#include "../../fake/loop.h"
#include "../../fake/search_store.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

const std::string juliet = "juliet@localhost";

struct Stage : Loop {
    ManualClock clock;
    FakeArchiveStore store{clock};
    FakeSearchStore search{store};
    ArchiveIds ids{Secret{std::string(32, 'k')}};
    ArchivePager::Bounds bounds{100, 1 << 20};
    std::vector<ArchiveId> kept;

    /// A message whose body, id and place in `kept` say the same.
    void keep(
        const std::string& name,
        const std::string& refers_to = {},
        std::string with = "romeo@localhost")
    {
        const std::string stanza =
            "<message xmlns='jabber:client' id='" + name + "' type='chat'><body>" + name +
            "</body>" +
            (refers_to.empty()
                 ? std::string{}
                 : "<replace xmlns='urn:xmpp:message-correct:0' id='" + refers_to + "'/>") +
            "</message>";
        ArchiveDraft draft;
        draft.owner = juliet;
        draft.host = "localhost";
        draft.bucket = 1;
        draft.with = with;
        draft.with_resource = "orchard";
        draft.message_id = name;
        draft.refers_to = refers_to;
        draft.stanza = stanza;
        kept.push_back(store.append(draft).value().id);
        store.settle();
        clock.advance(1s);
    }

    void keep_all(int count)
    {
        for (int i = 0; i < count; ++i) {
            keep(std::to_string(i));
        }
    }

    Task<void> find(ArchiveRequest request, std::optional<Result<ArchiveResult>>& found)
    {
        ArchivePager pager{{store, search}, ids, juliet, bounds};
        Task<Result<ArchiveResult>> finding = pager.find(request);
        Result<ArchiveResult> result = co_await finding;
        found.emplace(std::move(result));
    }

    Result<ArchiveResult> find(ArchiveRequest request)
    {
        std::optional<Result<ArchiveResult>> found;
        const Running running{find(std::move(request), found)};
        run();
        return std::move(*found);
    }

    /// The names of the messages of a page.
    static std::string names(const ArchiveResult& result)
    {
        std::string names;
        for (const ArchiveHit& hit : result.hits) {
            names += archived_message(hit.entry.stanza).value().id;
        }
        return names;
    }

    std::string id(std::size_t index) { return ids.show(juliet, kept[index]); }

    /// All pages one after the other, as a client asks for them.
    std::string walk(ArchiveRequest request, bool backwards)
    {
        std::string all;
        for (int pages = 0; pages < 100; ++pages) {
            const ArchiveResult page = find(request).value();
            all = backwards ? names(page) + "|" + all : all + names(page) + "|";
            if (page.complete) {
                return all;
            }
            (backwards ? request.page.before : request.page.after) =
                ids.show(juliet, backwards ? page.first : page.last);
        }
        return "endless";
    }
};

ArchiveRequest pages_of(std::size_t max)
{
    ArchiveRequest request;
    request.page.max = max;
    return request;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(mam_pager, Stage)

BOOST_AUTO_TEST_CASE(pages_make_up_the_archive_forwards_and_backwards)
{
    keep_all(7);
    BOOST_TEST(walk(pages_of(3), false) == "012|345|6|");
    ArchiveRequest last = pages_of(3);
    last.page.before = "";
    BOOST_TEST(walk(last, true) == "0|123|456|");
}

BOOST_AUTO_TEST_CASE(a_descending_result_has_its_pages_the_other_way_round)
{
    keep_all(5);
    ArchiveRequest request = pages_of(2);
    request.descending = true;
    BOOST_TEST(walk(request, false) == "43|21|0|");
    request.page.before = "";
    BOOST_TEST(walk(request, true) == "4|32|10|");
}

BOOST_AUTO_TEST_CASE(an_empty_archive_is_complete)
{
    const ArchiveResult found = find(ArchiveRequest{}).value();
    BOOST_TEST(found.complete);
    BOOST_TEST(found.hits.empty());
    BOOST_TEST((found.first == ArchiveId::none && found.last == ArchiveId::none));
}

BOOST_AUTO_TEST_CASE(moments_are_within_the_span)
{
    keep_all(5);
    ArchiveRequest request;
    request.start = time_of(kept[1]);
    request.end = time_of(kept[3]);
    BOOST_TEST(names(find(request).value()) == "123");
    request.start = time_of(kept[1]) + 1ms;
    request.end = time_of(kept[3]) - 1ms;
    BOOST_TEST(names(find(request).value()) == "2");
    request.start = time_of(kept[3]);
    request.end = time_of(kept[1]);
    BOOST_TEST(names(find(request).value()).empty());
}

BOOST_AUTO_TEST_CASE(moments_beyond_all_ids_bound_nothing_or_all)
{
    keep_all(2);
    const auto at = [](int year) {
        return Clock::Wall{std::chrono::sys_days{std::chrono::year{year} / 1 / 1}};
    };
    ArchiveRequest request;
    request.start = at(1970);
    request.end = at(9999);
    BOOST_TEST(names(find(request).value()) == "01");
    request.end = at(1971);
    BOOST_TEST(names(find(request).value()).empty());
    request.end = std::nullopt;
    request.start = at(9999);
    BOOST_TEST(names(find(request).value()).empty());
}

BOOST_AUTO_TEST_CASE(ids_bound_a_result_and_pages_lie_within)
{
    keep_all(6);
    ArchiveRequest request = pages_of(2);
    request.after_id = id(0);
    request.before_id = id(5);
    BOOST_TEST(walk(request, false) == "12|34|");
    request.page.after = id(5);
    BOOST_TEST(names(find(request).value()).empty());
}

BOOST_AUTO_TEST_CASE(an_id_that_is_not_there_is_not_found)
{
    keep_all(1);
    const std::string gone = ids.show(juliet, ArchiveId{12345});
    for (const std::string& text :
         {gone, std::string{"made-up"}, ids.show("romeo@localhost", kept[0])}) {
        std::vector<ArchiveRequest> requests(5);
        requests[0].page.after = text;
        requests[1].page.before = text;
        requests[2].after_id = text;
        requests[3].before_id = text;
        requests[4].ids = {id(0), text};
        for (const ArchiveRequest& request : requests) {
            const auto found = find(request);
            BOOST_TEST_REQUIRE(!found);
            BOOST_TEST((found.error().condition == Condition::item_not_found));
        }
    }
}

BOOST_AUTO_TEST_CASE(entries_are_found_by_their_ids_in_order_and_once)
{
    keep_all(4);
    ArchiveRequest request;
    request.ids = {id(3), id(1), id(3)};
    BOOST_TEST(names(find(request).value()) == "13");
    request.page.max = 1;
    BOOST_TEST(names(find(request).value()) == "1");
    BOOST_TEST(!find(request).value().complete);
    request.page.before = "";
    BOOST_TEST(names(find(request).value()) == "3");
    request.with = Jid::parse("nurse@localhost").value();
    BOOST_TEST(names(find(request).value()).empty());
}

BOOST_AUTO_TEST_CASE(only_the_count_is_told_where_no_entries_are_wanted)
{
    keep_all(3);
    const ArchiveResult all = find(pages_of(0)).value();
    BOOST_TEST(all.hits.empty());
    BOOST_TEST(!all.complete);
    BOOST_TEST((all.count == 3U));
    ArchiveRequest some = pages_of(0);
    some.with = Jid::parse("romeo@localhost").value();
    BOOST_TEST((find(some).value().count == std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_page_is_bounded_by_its_bytes_and_has_one_entry_at_least)
{
    keep_all(5);
    bounds.bytes = 10;
    BOOST_TEST(walk(ArchiveRequest{}, false) == "0|1|2|3|4|");
    ArchiveRequest last;
    last.page.before = "";
    BOOST_TEST(walk(last, true) == "0|1|2|3|4|");
}

BOOST_AUTO_TEST_CASE(nobody_gets_more_at_once_than_the_bound)
{
    keep_all(5);
    bounds.entries = 2;
    BOOST_TEST(names(find(pages_of(1000)).value()) == "01");
    BOOST_TEST(names(find(ArchiveRequest{}).value()) == "01");
}

BOOST_AUTO_TEST_CASE(what_refers_to_others_comes_with_them_and_takes_no_place)
{
    keep("a");
    keep("b");
    keep("x", "a");
    keep("y", "a", "nurse@localhost"); // of another conversation
    keep("z", "a");
    keep("c");
    ArchiveRequest request = pages_of(2);
    request.fold = true;
    BOOST_TEST(walk(request, false) == "ab|c|");
    const ArchiveResult page = find(request).value();
    BOOST_TEST_REQUIRE(page.hits[0].references.size() == 2U);
    BOOST_TEST((page.hits[0].references[0].id == kept[2]));
    BOOST_TEST((page.hits[0].references[1].id == kept[4]));
    BOOST_TEST(page.hits[1].references.empty());
    request.page.before = "";
    BOOST_TEST(walk(request, true) == "a|bc|");
}

BOOST_AUTO_TEST_CASE(what_refers_to_others_by_the_name_that_a_room_gave_comes_with_them_too)
{
    keep("a", {}, juliet); // it is its own other party, as a room is
    keep("b", {}, juliet);
    keep("x", id(0), juliet);
    keep("y", "a", juliet);
    ArchiveRequest request;
    request.fold = true;
    const ArchiveResult page = find(request).value();
    BOOST_TEST(names(page) == "ab");
    BOOST_TEST_REQUIRE(page.hits[0].references.size() == 2U);
    BOOST_TEST((page.hits[0].references[0].id == kept[2]));
    BOOST_TEST((page.hits[0].references[1].id == kept[3]));
    BOOST_TEST(page.hits[1].references.empty());
}

BOOST_AUTO_TEST_CASE(a_page_of_mere_references_goes_on_behind_them)
{
    keep("a");
    for (int i = 0; i < 40; ++i) {
        keep("r", "a");
    }
    keep("b");
    ArchiveRequest request = pages_of(1);
    request.fold = true;
    request.after_id = id(0);
    BOOST_TEST(walk(request, false) == "||b|");
    const ArchiveResult page = find(request).value();
    BOOST_TEST(!page.complete);
    BOOST_TEST((page.last == kept[16]));
}

BOOST_AUTO_TEST_CASE(references_that_do_not_fit_are_left_out_and_that_is_told)
{
    keep("a");
    for (int i = 0; i < 5; ++i) {
        keep("r", "a");
    }
    bounds.bytes = 400;
    ArchiveRequest request;
    request.fold = true;
    const ArchiveResult page = find(request).value();
    BOOST_TEST(page.hits[0].more);
    BOOST_TEST(page.hits[0].references.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_takes_long_to_find_comes_in_pages_that_may_be_empty)
{
    keep_all(9);
    keep("x", {}, "nurse@localhost");
    for (int i = 0; i < 9; ++i) {
        keep("y");
    }
    store.looks = 3;
    ArchiveRequest request = pages_of(5);
    request.with = Jid::parse("nurse@localhost").value();
    BOOST_TEST(walk(request, false) == "x||");
    request.page.before = "";
    BOOST_TEST(walk(request, true) == "|x|");
    for (int i = 0; i < 60; ++i) {
        keep("y");
    }
    request.page.before.reset();
    BOOST_TEST(walk(request, false) == "x|||"); // a page of ours is not endless either
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_no_empty_archive)
{
    keep_all(1);
    store.failure = Error{Condition::internal_server_error, {}, "disk", {}};
    BOOST_TEST((find(ArchiveRequest{}).error().cause == "disk"));
}

BOOST_AUTO_TEST_CASE(what_has_the_words_comes_in_pages_of_its_own)
{
    for (const char* const name : {"rose 1", "thorn", "rose 2", "thorn", "rose 3"}) {
        keep(name);
    }
    ArchiveRequest request = pages_of(2);
    request.words = "rose";
    ArchiveResult page = find(request).value();
    BOOST_TEST(page.hits.size() == 2U);
    BOOST_TEST(!page.complete);
    BOOST_TEST((page.last == kept[2]));
    request.page.after = id(2);
    page = find(request).value();
    BOOST_TEST(page.hits.size() == 1U);
    BOOST_TEST(page.complete);
    BOOST_TEST((page.first == kept[4]));
}

BOOST_AUTO_TEST_CASE(a_search_that_was_given_up_says_so_and_where_to_go_on)
{
    for (const char* const name : {"thorn", "thorn", "rose 1", "thorn", "rose 2"}) {
        keep(name);
    }
    ArchiveRequest request = pages_of(2);
    request.words = "rose";
    search.bound = kept[1];
    ArchiveResult page = find(request).value();
    BOOST_TEST(page.hits.empty());
    BOOST_TEST(!page.complete);
    BOOST_TEST((page.first == kept[1] && page.last == kept[1]));
    search.bound = kept[3];
    request.page.after = id(1);
    page = find(request).value();
    BOOST_TEST(names(page) == "rose 1");
    BOOST_TEST(!page.complete);
    BOOST_TEST((page.last == kept[2])); // the last one that was sent
    request.page.after = id(2);
    BOOST_TEST(names(find(request).value()) == "rose 2");
    request.page.after = std::nullopt;
    request.page.before = "";
    search.bound = kept[4];
    page = find(request).value();
    BOOST_TEST(names(page) == "rose 2");
    BOOST_TEST(!page.complete);
}

BOOST_AUTO_TEST_CASE(what_was_not_looked_at_is_not_said_to_be_none)
{
    keep("thorn");
    keep("rose");
    ArchiveRequest request = pages_of(0);
    request.words = "rose";
    search.bound = kept[0];
    BOOST_TEST(!find(request).value().complete);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
