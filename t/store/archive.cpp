// SPDX-License-Identifier: Apache-2.0
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

std::string stanza(int number)
{
    return "<message id='m" + std::to_string(number) + "'><body>" + std::to_string(number) +
           "</body></message>";
}

Draft draft(int number)
{
    Draft draft{juliet};
    draft.with = number % 2 == 0 ? romeo : tybalt;
    draft.with_resource = number % 3 == 0 ? "orchard" : "street";
    draft.message_id = "m" + std::to_string(number);
    draft.stanza = stanza(number);
    return draft;
}

template <class Backend>
void append(Archives<Backend>& kept, int first, int last)
{
    std::vector<Draft> drafts;
    for (int i = first; i <= last; ++i) {
        drafts.push_back(draft(i));
    }
    kept.append(drafts);
}

std::vector<int> numbers(const std::vector<ArchiveEntry>& entries)
{
    std::vector<int> numbers;
    for (const ArchiveEntry& entry : entries) {
        const auto from = entry.stanza.find('m', 10) + 1;
        numbers.push_back(std::stoi(entry.stanza.substr(from)));
    }
    return numbers;
}

std::vector<int> range(int first, int last, int step = 1)
{
    std::vector<int> numbers;
    for (int i = first; i <= last; i += step) {
        numbers.push_back(i);
    }
    return numbers;
}

ArchiveQuery query(std::size_t limit = 1000)
{
    ArchiveQuery query;
    query.owner = juliet;
    query.limit = limit;
    return query;
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive)

BOOST_AUTO_TEST_CASE_TEMPLATE(entries_come_back_in_order_and_by_page, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 50);
    kept.fold(juliet);
    append(kept, 51, 200);
    kept.reopen();
    append(kept, 201, 300);
    for (const std::size_t limit : {1, 7, 50, 299, 300, 301}) {
        BOOST_TEST(
            numbers(kept.all(query(limit))) == range(1, 300), boost::test_tools::per_element());
    }
    BOOST_TEST(kept.all(query(300)).front().with == tybalt);
    BOOST_TEST(kept.all(query(300)).front().stanza == stanza(1));
    ArchiveQuery other = query();
    other.owner = romeo;
    BOOST_TEST(kept.page(other).entries.empty());
    BOOST_TEST(kept.page(other).complete);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_entry_is_in_no_page_before_it_settled, Backend, Backends)
{
    Archives<Backend> kept;
    const auto seen = kept.on_shard(juliet, [&kept] {
        const Draft one = draft(1);
        const auto appended = kept.archive().append(kept.view(one));
        BOOST_TEST(appended.has_value());
        BOOST_TEST((appended->id > ArchiveId::none));
        return kept.settlements(juliet).size();
    });
    BOOST_TEST(seen == 0U);
    kept.settle();
    BOOST_TEST_REQUIRE(kept.settlements(juliet).size() == 1U);
    BOOST_TEST((kept.settlements(juliet)[0].outcome == AppendOutcome::durable));
    BOOST_TEST(kept.page(query()).entries.size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pages_have_exclusive_bounds_in_both_directions, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 300);
    for (int round = 0; round < 2; ++round) {
        const auto all = kept.all(query(300));
        BOOST_TEST_REQUIRE(all.size() == 300U);
        ArchiveQuery part = query(10);
        part.after = all[99].id;
        BOOST_TEST(
            numbers(kept.page(part).entries) == range(101, 110), boost::test_tools::per_element());
        BOOST_TEST(!kept.page(part).complete);
        part.before = all[105].id;
        BOOST_TEST(
            numbers(kept.page(part).entries) == range(101, 105), boost::test_tools::per_element());
        BOOST_TEST(kept.page(part).complete);
        part.backwards = true;
        part.limit = 3;
        BOOST_TEST(
            numbers(kept.page(part).entries) == range(103, 105), boost::test_tools::per_element());
        BOOST_TEST(!kept.page(part).complete);
        ArchiveQuery last = query(20);
        last.backwards = true;
        BOOST_TEST(
            numbers(kept.page(last).entries) == range(281, 300), boost::test_tools::per_element());
        last.before = all[10].id;
        BOOST_TEST(
            numbers(kept.page(last).entries) == range(1, 10), boost::test_tools::per_element());
        BOOST_TEST(kept.page(last).complete);
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_may_be_of_one_party_or_one_of_its_resources, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 150);
    kept.fold(juliet);
    append(kept, 151, 300);
    for (int round = 0; round < 2; ++round) {
        ArchiveQuery with = query(17);
        with.with = romeo;
        BOOST_TEST(numbers(kept.all(with)) == range(2, 300, 2), boost::test_tools::per_element());
        with.backwards = true;
        BOOST_TEST(
            numbers(kept.page(with).entries) == range(268, 300, 2),
            boost::test_tools::per_element());
        with.backwards = false;
        with.with_resource = "orchard";
        BOOST_TEST(numbers(kept.all(with)) == range(6, 300, 6), boost::test_tools::per_element());
        with.with = "nobody@capulet.example";
        BOOST_TEST(kept.page(with).entries.empty());
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_entry_is_found_by_its_id, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 100);
    kept.fold(juliet);
    append(kept, 101, 110);
    const auto all = kept.all(query());
    const ArchiveId never{static_cast<std::uint64_t>(all.front().id) - 1};
    const std::vector ids{all[105].id, all[3].id, never, all[3].id, ArchiveId::none};
    const auto found = kept.get(juliet, kept.archive().find(juliet, ids));
    BOOST_TEST(numbers(found) == std::vector({4, 106}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_entry_is_found_by_its_message_id, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 100);
    kept.fold(juliet);
    Draft again = draft(200);
    again.message_id = "m42";
    kept.append({again});
    const auto find = [&kept](const std::string& with, const std::string& id) {
        return numbers(kept.get(juliet, kept.archive().find_message(juliet, with, id)));
    };
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(find(romeo, "m42") == std::vector({200, 42}), boost::test_tools::per_element());
        BOOST_TEST(find(romeo, "m41").empty());
        BOOST_TEST(find(tybalt, "m41") == std::vector({41}), boost::test_tools::per_element());
        BOOST_TEST(find(romeo, "m999").empty());
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_refers_to_a_message_is_found, Backend, Backends)
{
    Archives<Backend> kept;
    for (const int number : {500, 501, 502}) {
        Draft reaction = draft(number);
        reaction.refers_to = number == 501 ? "m7" : "m3";
        kept.append({draft(number + 100), reaction});
        if (number == 501) {
            kept.fold(juliet);
        }
    }
    const auto find = [&kept](const std::string& id, std::size_t limit) {
        return numbers(kept.get(juliet, kept.archive().find_references(juliet, id, limit)));
    };
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(find("m3", 10) == std::vector({500, 502}), boost::test_tools::per_element());
        BOOST_TEST(find("m3", 1) == std::vector({500}), boost::test_tools::per_element());
        BOOST_TEST(find("m7", 10) == std::vector({501}), boost::test_tools::per_element());
        BOOST_TEST(find("", 10).empty());
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_extent_is_known, Backend, Backends)
{
    Archives<Backend> kept;
    const auto extent = [&kept] { return kept.get(juliet, kept.archive().extent(juliet)); };
    BOOST_TEST((extent().first == ArchiveId::none));
    append(kept, 1, 40);
    BOOST_TEST(extent().entries == 40U);
    kept.fold(juliet);
    append(kept, 41, 60);
    const auto all = kept.all(query());
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(extent().entries == 60U);
        BOOST_TEST((extent().first == all.front().id));
        BOOST_TEST((extent().last == all.back().id));
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_replaced_stanza_is_gone, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 30);
    append(kept, 31, 31);
    const auto all = kept.all(query());
    const std::string tombstone = "<message id='m3000'><retracted/></message>";
    const auto replace = [&](ArchiveId id) {
        return kept.get(juliet, kept.archive().replace(juliet, id, tombstone));
    };
    BOOST_TEST(replace(all[12].id));
    BOOST_TEST(!replace(ArchiveId{static_cast<std::uint64_t>(all.back().id) + 1}));
    for (int round = 0; round < 2; ++round) {
        const auto now = kept.all(query());
        BOOST_TEST_REQUIRE(now.size() == 31U);
        BOOST_TEST(now[12].stanza == tombstone);
        BOOST_TEST((now[12].id == all[12].id));
        BOOST_TEST(now[11].stanza == stanza(12));
        kept.reopen();
    }
    const auto found = kept.get(juliet, kept.archive().find_message(juliet, tybalt, "m13"));
    BOOST_TEST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].stanza == tombstone);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_first_entries_are_removed, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 200);
    const auto all = kept.all(query());
    const auto remove = [&](ArchiveId bound) {
        return kept.get(juliet, kept.archive().remove_before(juliet, bound));
    };
    BOOST_TEST(remove(all[120].id) == 120U);
    BOOST_TEST(remove(all[120].id) == 0U);
    append(kept, 201, 210);
    kept.reopen();
    BOOST_TEST(numbers(kept.all(query())) == range(121, 210), boost::test_tools::per_element());
    ArchiveQuery with = query();
    with.with = romeo;
    BOOST_TEST(numbers(kept.all(with)) == range(122, 210, 2), boost::test_tools::per_element());
    const auto gone = kept.get(juliet, kept.archive().find_message(juliet, romeo, "m100"));
    BOOST_TEST(gone.empty());
    BOOST_TEST(kept.get(juliet, kept.archive().extent(juliet)).entries == 90U);
    BOOST_TEST(remove(ArchiveId::none) == 90U);
    BOOST_TEST(kept.page(query()).entries.empty());
    append(kept, 211, 212);
    BOOST_TEST(numbers(kept.all(query())) == range(211, 212), boost::test_tools::per_element());
    BOOST_TEST((kept.all(query())[0].id > all.back().id));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_old_expires_in_all_archives_of_a_host, Backend, Backends)
{
    Archives<Backend> kept;
    Draft hers = draft(1);
    Draft nurses = draft(2);
    nurses.owner = nurse;
    Draft his = draft(3);
    his.owner = romeo;
    kept.append({hers, nurses, his});
    kept.time().advance(48h);
    hers.stanza = stanza(4);
    kept.append({hers});
    const Clock::Wall before = kept.time().wall() - 24h;
    std::uint64_t removed = 0;
    for (std::uint64_t step = 1; step > 0; removed += step) {
        step = kept.get(juliet, kept.archive().expire("capulet.example", before));
    }
    BOOST_TEST(removed == 2U);
    BOOST_TEST(numbers(kept.all(query())) == std::vector({4}), boost::test_tools::per_element());
    ArchiveQuery other = query();
    other.owner = nurse;
    BOOST_TEST(kept.page(other).entries.empty());
    other.owner = romeo;
    BOOST_TEST(kept.page(other).entries.size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ids_rise_when_the_clock_goes_back, Backend, Backends)
{
    Archives<Backend> kept;
    append(kept, 1, 3);
    kept.time().set_wall(kept.time().wall() - 1h);
    append(kept, 4, 6);
    kept.fold(juliet);
    kept.reopen();
    append(kept, 7, 9);
    BOOST_TEST(numbers(kept.all(query())) == range(1, 9), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_account_takes_its_archive_with_it, Backend, Backends)
{
    Archives<Backend> kept;
    for (int round = 0; round < 2; ++round) {
        kept.Machine::get(kept.accounts().create(Account{juliet, "capulet.example", {}, {}}));
        append(kept, 1, 20);
        round == 0 ? kept.fold(juliet) : static_cast<void>(0);
        append(kept, 21, 30);
        kept.Machine::get(kept.accounts().remove(juliet));
        BOOST_TEST(kept.page(query()).entries.empty());
        kept.reopen();
        BOOST_TEST(kept.page(query()).entries.empty());
        BOOST_TEST(kept.get(juliet, kept.archive().extent(juliet)).entries == 0U);
    }
    append(kept, 31, 33);
    kept.reopen();
    BOOST_TEST(numbers(kept.all(query())) == range(31, 33), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_large_stanzas_is_cut_short, Backend, Backends)
{
    Archives<Backend> kept;
    for (int i = 1; i <= 6; ++i) {
        Draft large = draft(i);
        large.stanza += std::string(100'000, 'x');
        kept.append({large});
    }
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(kept.page(query()).entries.size() < 6U);
        BOOST_TEST(!kept.page(query()).complete);
        BOOST_TEST(numbers(kept.all(query())) == range(1, 6), boost::test_tools::per_element());
        kept.fold(juliet);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(
    a_page_that_finds_nothing_ends_and_can_be_gone_on_with, Backend, Backends)
{
    Archives<Backend> kept;
    for (int first = 1; first <= 801; first += 100) {
        std::vector<Draft> drafts;
        for (int i = first; i < first + 100; ++i) {
            drafts.push_back(draft(i));
            drafts.back().stanza += std::string(9000, 'x'); // a block for each
        }
        kept.append(drafts);
    }
    kept.fold(juliet);
    for (const bool backwards : {false, true}) {
        ArchiveQuery none = query(10);
        none.with = romeo;
        none.with_resource = "nowhere";
        none.backwards = backwards;
        ArchivePage page = kept.page(none);
        BOOST_TEST(!page.complete);
        int pages = 1;
        for (; !page.complete; ++pages) {
            BOOST_TEST(page.entries.empty());
            BOOST_TEST(kept.get(juliet, kept.archive().find(juliet, {page.through})).size() == 1U);
            (backwards ? none.before : none.after) = page.through;
            page = kept.page(none);
        }
        BOOST_TEST(page.entries.empty());
        BOOST_TEST(pages == 2);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_archives_fold_and_stay_whole, Backend, Backends)
{
    Archives<Backend> kept;
    const auto owner = [](int number) {
        return "user" + std::to_string(number % 37) + "@capulet.example";
    };
    for (int i = 0; i < 40; ++i) {
        std::vector<Draft> drafts;
        for (int k = 0; k < 500; ++k) {
            Draft one = draft(500 * i + k);
            one.owner = owner(k);
            drafts.push_back(one);
        }
        kept.append(drafts);
    }
    for (int round = 0; round < 2; ++round) {
        std::size_t total = 0;
        for (int i = 0; i < 37; ++i) {
            ArchiveQuery all = query();
            all.owner = owner(i);
            const auto entries = kept.all(all);
            BOOST_TEST(std::ranges::is_sorted(numbers(entries)));
            total += entries.size();
        }
        BOOST_TEST(total == 20'000U);
        kept.reopen();
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
