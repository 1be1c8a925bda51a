// SPDX-License-Identifier: Apache-2.0
// What the search index holds and forgets, and what becomes of a damaged one.
#include "store/lmdb/search_index.h"

#include "store/lmdb/archive_ids.h"
#include "store/lmdb/group.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/search_environment.h"
#include "store/lmdb/search_indexer.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "../archives.h"
#include "../files.h"
#include "rows.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

const std::string juliet = "juliet@capulet.example";

class Shelf : public Archives<LmdbBackend> {
public:
    void keep(const std::string& text)
    {
        time().advance(1s);
        Draft draft{juliet};
        draft.with = "romeo@montague.example";
        draft.stanza = text;
        append({draft});
    }

    void index()
    {
        fold(juliet);
        while (get(juliet, storage().search().index(juliet)) > 0) {
        }
        rest();
    }

    /// Waits until the index has nothing to do.
    void rest()
    {
        // What it was told before comes before this.
        BOOST_TEST(get(juliet, storage().search().index("nobody@capulet.example")) == 0U);
        const auto latest = std::chrono::steady_clock::now() + 30s;
        while (storage().stats().indexing > 0) {
            BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < latest), "it does not end");
            std::this_thread::yield();
        }
    }

    std::size_t hits(const std::string& word)
    {
        const ArchivePage page = get(juliet, storage().search().search(ArchiveQuery{juliet}, word));
        BOOST_TEST(page.complete);
        return page.entries.size();
    }

    LmdbOptions options() const
    {
        LmdbOptions options;
        options.directory = directory() / "store";
        options.map_size = std::uint64_t{1} << 28;
        return options;
    }

    std::string index_file() const { return lmdb::search_directory(options()) + "/data.mdb"; }

    /// Does something to the index while the database is closed.
    void change(const std::function<void(lmdb::WriteTransaction&)>& deed)
    {
        LmdbOptions beside = options();
        beside.directory = lmdb::search_directory(beside);
        change(beside, deed);
    }

    /// The same to the archive.
    void change_archive(const std::function<void(lmdb::WriteTransaction&)>& deed)
    {
        change(options(), deed);
    }

    std::size_t rows(lmdb::Table table)
    {
        std::size_t count = 0;
        change([table, &count](lmdb::WriteTransaction& transaction) {
            lmdb::Cursor cursor{transaction, table, lmdb::Key{}};
            while (cursor.next()) {
                ++count;
            }
        });
        return count;
    }

private:
    void change(const LmdbOptions& which, const std::function<void(lmdb::WriteTransaction&)>& deed)
    {
        while_closed([&which, &deed] {
            const auto environment = lmdb::Environment::open(which);
            BOOST_TEST_REQUIRE(environment.has_value());
            BOOST_TEST(lmdb::commit_deed(**environment, deed) == 0);
        });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lmdb_search_index, Shelf)

BOOST_AUTO_TEST_CASE(a_head_comes_back_as_it_was_written)
{
    const lmdb::SearchHead head{ArchiveId{5}, ArchiveId{3}};
    change([&head](lmdb::WriteTransaction& transaction) {
        lmdb::put_search_head(transaction, 7, head);
        BOOST_TEST((lmdb::search_head(transaction, 7) == head));
        BOOST_TEST(!lmdb::search_head(transaction, 8));
        transaction.put(lmdb::Table::search_heads, lmdb::Key{7}, "nonsense");
        BOOST_TEST(!lmdb::search_head(transaction, 7));
        BOOST_TEST(!transaction.failed());
    });
}

BOOST_AUTO_TEST_CASE(a_walk_is_worth_it_when_an_eighth_is_gone)
{
    const lmdb::SearchHead head{ArchiveId{1000}, ArchiveId{200}};
    BOOST_TEST(!lmdb::prune_is_due(head, ArchiveId{200}));
    BOOST_TEST(!lmdb::prune_is_due(head, ArchiveId{299}));
    BOOST_TEST(lmdb::prune_is_due(head, ArchiveId{300}));
    BOOST_TEST(lmdb::prune_is_due(head, ArchiveId{1001}));
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_text_that_was_replaced)
{
    keep("a rose");
    keep("a secret");
    index();
    const std::size_t before = rows(lmdb::Table::search_terms);
    const ArchiveId id = page(ArchiveQuery{juliet}).entries[1].id;
    BOOST_TEST(get(juliet, archive().replace(juliet, id, "")));
    BOOST_TEST(rows(lmdb::Table::search_terms) == before - 1); // "a" is in another
    BOOST_TEST(hits("secret") == 0U);
    BOOST_TEST(hits("a") == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_what_expired)
{
    for (int i = 0; i < 2000; ++i) {
        keep("word" + std::to_string(i) + " rose");
    }
    index();
    const std::size_t before = rows(lmdb::Table::search_terms);
    const Clock::Wall bound = time().wall() - 500s; // in the midst of a row of "rose"
    while (get(juliet, archive().expire("capulet.example", bound)) > 0) {
    }
    rest();
    const std::size_t kept = get(juliet, archive().extent(juliet)).entries;
    BOOST_TEST(kept < 600U);
    BOOST_TEST(rows(lmdb::Table::search_terms) < kept + 10);
    BOOST_TEST(rows(lmdb::Table::search_terms) < before / 3);
    rest();
    BOOST_TEST(hits("word1999") == 1U);
    BOOST_TEST(hits("word3") == 0U);
    BOOST_TEST(get(juliet, archive().remove_before(juliet, ArchiveId::none)) == kept);
    rest();
    BOOST_TEST(rows(lmdb::Table::search_terms) == 0U);
    BOOST_TEST(rows(lmdb::Table::search_heads) == 0U);
    BOOST_TEST(rows(lmdb::Table::owners) == 0U);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_an_account_that_was_removed)
{
    Account account{};
    account.owner = juliet;
    account.host = "capulet.example";
    get(juliet, accounts().create(account));
    for (int i = 0; i < 5000; ++i) { // more than is erased at once
        keep("word" + std::to_string(i));
    }
    index();
    BOOST_TEST(rows(lmdb::Table::search_terms) == 5000U);
    get(juliet, accounts().remove(juliet));
    rest();
    BOOST_TEST(rows(lmdb::Table::search_terms) == 0U);
    BOOST_TEST(rows(lmdb::Table::search_gone) == 0U);
    BOOST_TEST(rows(lmdb::Table::owners) == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_found_at_the_start)
{
    keep("a rose");
    index();
    change([](lmdb::WriteTransaction& transaction) { lmdb::void_index(transaction, juliet); });
    rest();
    BOOST_TEST(storage().stats().indexed == 1U);
    BOOST_TEST(hits("rose") == 1U);
    BOOST_TEST(rows(lmdb::Table::search_terms) == 2U);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_of_an_account_is_found_at_the_start)
{
    change([](lmdb::WriteTransaction& transaction) {
        BOOST_TEST(transaction.next_number("owners") == 1U);
        lmdb::put_search_head(transaction, lmdb::need_owner(transaction, "paris@x.example"), {});
    });
    rest();
    BOOST_TEST(rows(lmdb::Table::owners) == 0U);
    BOOST_TEST(rows(lmdb::Table::search_heads) == 0U);
}

BOOST_AUTO_TEST_CASE(an_index_that_cannot_be_used_is_put_aside_and_made_anew)
{
    keep("a rose");
    index();
    rest();
    std::string good;
    while_closed([&] { good = read(index_file()); });
    const std::pair<const char*, std::string> cases[] = {
        {"text", "This is no database."},
        {"zeros", std::string(100'000, '\0')},
        {"cut at the end", good.substr(0, good.size() - 4096)},
        {"damaged head", std::string(8192, 'x') + good.substr(8192)},
    };
    for (const auto& [name, content] : cases) {
        while_closed([&, &content = content] { write(index_file(), content); });
        BOOST_TEST(storage().stats().indexed_anew == 1U, name);
        BOOST_TEST(hits("rose") == 1U, name);
        rest();
        BOOST_TEST(storage().stats().indexed == 1U, name);
        BOOST_TEST(read(lmdb::search_aside(options()) + "/data.mdb") == content, name);
        reopen();
        BOOST_TEST(storage().stats().indexed_anew == 0U, name);
        BOOST_TEST(hits("rose") == 1U, name);
    }
}

BOOST_AUTO_TEST_CASE(an_index_of_another_format_or_one_that_was_found_damaged_is_made_anew)
{
    keep("a rose");
    index();
    change([](lmdb::WriteTransaction& transaction) {
        BytesWriter version;
        transaction.put(lmdb::Table::meta, lmdb::Key{}.raw("schema"), version.u64(99).bytes());
    });
    BOOST_TEST(storage().stats().indexed_anew == 1U);
    BOOST_TEST(hits("rose") == 1U);
    rest();
    change([](lmdb::WriteTransaction& transaction) {
        BytesWriter format;
        transaction.put(
            lmdb::Table::meta, lmdb::Key{}.raw("search_format"), format.u64(99).bytes());
    });
    BOOST_TEST(storage().stats().indexed_anew == 1U);
    BOOST_TEST(hits("rose") == 1U);
    while_closed([&] { write(lmdb::search_damage_mark(options()), "1"); });
    BOOST_TEST(storage().stats().indexed_anew == 1U);
    BOOST_TEST(hits("rose") == 1U);
    reopen();
    BOOST_TEST(storage().stats().indexed_anew == 0U);
}

BOOST_AUTO_TEST_CASE(an_owner_whose_rows_are_damaged_is_indexed_anew_and_found_meanwhile)
{
    keep("a rose");
    index();
    change([](lmdb::WriteTransaction& transaction) {
        std::vector<std::string> keys;
        {
            lmdb::Cursor cursor{transaction, lmdb::Table::search_terms, lmdb::Key{}};
            while (cursor.next()) {
                keys.emplace_back(cursor.key());
            }
        }
        for (const std::string& key : keys) {
            transaction.put(lmdb::Table::search_terms, lmdb::Key{}.raw(key), "nonsense");
        }
    });
    rest();
    BOOST_TEST(hits("rose") == 1U);
    BOOST_TEST(storage().stats().indexed_anew == 1U);
    rest();
    keep("another rose");
    index();
    BOOST_TEST(hits("rose") == 2U);
    BOOST_TEST(storage().stats().indexed_anew == 1U);
}

BOOST_AUTO_TEST_CASE(a_page_of_a_search_gets_past_blocks_that_are_damaged)
{
    for (int i = 0; i < 1500; ++i) { // more than a page looks at
        keep("a rose");
    }
    index();
    change_archive([](lmdb::WriteTransaction& transaction) {
        std::vector<std::string> keys;
        {
            lmdb::Cursor cursor{transaction, lmdb::Table::archive_blocks, lmdb::Key{}};
            while (cursor.next()) {
                keys.emplace_back(cursor.key());
            }
        }
        for (const std::string& key : keys) {
            transaction.put(lmdb::Table::archive_blocks, lmdb::Key{}.raw(key), "nonsense");
        }
    });
    BOOST_TEST(hits("rose") == 0U);
    for (int i = 0; i < 5; ++i) {
        keep("a rose");
    }
    index();
    BOOST_TEST(hits("rose") == 5U);
    BOOST_TEST(storage().stats().indexed_anew == 0U);
}

BOOST_AUTO_TEST_CASE(an_owner_who_cannot_be_indexed_does_not_hold_up_others)
{
    const std::string paris = "paris@capulet.example";
    Draft draft{paris};
    draft.stanza = "too much";
    append({draft});
    fold(paris);
    keep("a rose");
    fold(juliet);
    while_closed([&] {
        LmdbOptions beside = options();
        beside.directory = lmdb::search_directory(beside);
        std::filesystem::remove_all(beside.directory);
        const auto kept = lmdb::Environment::open(options());
        const auto index = lmdb::Environment::open(beside);
        BOOST_TEST_REQUIRE((kept.has_value() && index.has_value()));
        const auto text = [](std::string_view stanza) {
            if (stanza == "too much") {
                throw std::bad_alloc{};
            }
            return std::string{stanza};
        };
        lmdb::IndexCounts counts;
        lmdb::Indexer indexer{
            {*kept, *index, text, lmdb::search_damage_mark(options()), 0s}, counts};
        indexer.note(paris);
        indexer.note(juliet);
        for (int i = 0; i < 4; ++i) {
            indexer.work();
        }
        BOOST_TEST(counts.entries.value() == 1U);
        BOOST_TEST(counts.waiting.value() > 0);
    });
    BOOST_TEST(hits("rose") == 1U);
}

BOOST_AUTO_TEST_CASE(a_damaged_row_is_found_when_segments_are_merged)
{
    keep("a rose");
    index();
    change([](lmdb::WriteTransaction& transaction) {
        std::string key;
        {
            lmdb::Cursor cursor{transaction, lmdb::Table::search_terms, lmdb::Key{}};
            BOOST_TEST_REQUIRE(cursor.next());
            key = cursor.key();
        }
        transaction.put(lmdb::Table::search_terms, lmdb::Key{}.raw(key), "nonsense");
    });
    for (int i = 0; i < 7; ++i) {
        keep("a rose");
        index();
    }
    BOOST_TEST(storage().stats().indexed_anew == 1U);
    BOOST_TEST(hits("rose") == 8U);
    BOOST_TEST(hits("a") == 8U);
}

BOOST_AUTO_TEST_CASE(segments_of_few_entries_with_many_postings_are_not_merged)
{
    constexpr std::uint64_t many = (std::uint64_t{1} << 17) + 1;
    for (const std::uint64_t count : {std::uint64_t{10}, many}) {
        lmdb::Rows kept;
        std::uint64_t id = 0;
        for (int i = 0; i < 8; ++i) {
            std::vector<lmdb::Posting> postings;
            for (std::uint64_t j = 0; j < count; ++j) {
                id += std::uint64_t{1} << lmdb::ArchiveIdLayout::time_shift; // of one bucket
                postings.push_back({7, ArchiveId{id}});
            }
            const ArchiveId first = postings.front().id;
            lmdb::add_segment(kept.transaction(), 1, {first, ArchiveId{id}, 0, 1}, postings);
            BOOST_TEST(lmdb::merge_segments(kept.transaction(), 1));
        }
        const auto segments = lmdb::search_segments(kept.transaction(), 1);
        BOOST_TEST_REQUIRE(segments.has_value());
        BOOST_TEST(segments->size() == (count < many ? 1U : 8U));
        BOOST_TEST(segments->front().postings == (count < many ? 80U : many));
        BOOST_TEST(!kept.transaction().failed());
    }
}

BOOST_AUTO_TEST_CASE(entries_of_many_words_are_taken_up_in_several_transactions)
{
    for (int i = 0; i < 60; ++i) {
        std::string text = "rose";
        for (int j = 0; j < 3000; ++j) {
            text += " w" + std::to_string(i) + "x" + std::to_string(j);
        }
        keep(text);
    }
    fold(juliet);
    while_closed([&] {
        LmdbOptions beside = options();
        beside.directory = lmdb::search_directory(beside);
        std::filesystem::remove_all(beside.directory);
        const auto kept = lmdb::Environment::open(options());
        const auto index = lmdb::Environment::open(beside);
        BOOST_TEST_REQUIRE((kept.has_value() && index.has_value()));
        const auto text = [](std::string_view stanza) { return std::string{stanza}; };
        lmdb::IndexCounts counts;
        lmdb::Indexer indexer{
            {*kept, *index, text, lmdb::search_damage_mark(options()), 0s}, counts};
        indexer.note(juliet);
        indexer.work();
        BOOST_TEST(counts.entries.value() > 30U);
        BOOST_TEST(counts.entries.value() < 60U);
        indexer.work();
        BOOST_TEST(counts.entries.value() == 60U);
    });
    BOOST_TEST(hits("w0x0 rose") == 1U);
    BOOST_TEST(hits("w59x2999") == 1U);
}

BOOST_AUTO_TEST_CASE(many_small_segments_become_few)
{
    for (int i = 0; i < 70; ++i) {
        keep("word" + std::to_string(i) + " rose");
        index();
    }
    rest();
    BOOST_TEST(rows(lmdb::Table::search_segments) < 16U);
    BOOST_TEST(rows(lmdb::Table::search_gone) == 0U);
    BOOST_TEST(rows(lmdb::Table::search_terms) < 70U + 16U);
    ArchiveQuery query{juliet};
    query.limit = 100;
    for (const bool backwards : {false, true}) {
        query.backwards = backwards;
        const auto found = get(juliet, storage().search().search(query, "rose"));
        BOOST_TEST(found.entries.size() == 70U);
        BOOST_TEST(std::ranges::is_sorted(found.entries, {}, &ArchiveEntry::id));
    }
    for (int i = 0; i < 70; ++i) {
        BOOST_TEST(hits("word" + std::to_string(i)) == 1U);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
