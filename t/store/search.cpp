// SPDX-License-Identifier: Apache-2.0
#include "core/settlements.h"
#include "store/search_store.h"
#include "store/search_words.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "archives.h"
#include "backends.h"

namespace sarang {
namespace {

constexpr auto owner = "romeo@example.org";

using Texts = std::vector<std::string>;

/// An archive whose entries are texts.
template <class Backend>
class Library : public Kept<Backend> {
public:
    Library() { listen(); }

    void reopen()
    {
        Kept<Backend>::reopen();
        listen();
    }

    void keep(const std::string& text, const std::string& with = "juliet@example.org")
    {
        this->time().advance(std::chrono::seconds{1});
        BOOST_TEST((this->wait(kept(text, with)) == AppendOutcome::durable));
    }

    Texts search(const std::string& words) { return search(words, ArchiveQuery{owner}); }

    Texts search(const std::string& words, ArchiveQuery query)
    {
        const Result<ArchivePage> page =
            this->wait(this->storage().search().search(std::move(query), words));
        BOOST_REQUIRE(page.has_value());
        complete = page->complete;
        reached = page->through;
        Texts texts;
        for (const ArchiveEntry& entry : page->entries) {
            texts.push_back(entry.stanza);
        }
        return texts;
    }

    /// Indexes all that is in blocks.
    void index()
    {
        fold();
        while (this->get(this->storage().search().index(owner)) > 0) {
        }
    }

    /// Has all that came folded into blocks.
    void fold()
    {
        // Nothing is there to replace, but whoever replaces folds first.
        BOOST_TEST(!this->get(this->archive().replace(owner, ArchiveId::none, "")));
    }

    template <class Done>
    void wait_until(Done done)
    {
        const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!done()) {
            BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < latest), "it does not end");
            std::this_thread::yield();
        }
    }

    /// Waits until the index has nothing to do.
    void rest()
    {
        // What it was told before comes before this.
        BOOST_TEST(this->get(this->storage().search().index("nobody@example.org")) == 0U);
        wait_until([this] { return this->storage().stats().indexing == 0; });
    }

    ArchiveEntry first()
    {
        return this->get(this->archive().read(ArchiveQuery{owner})).entries.front();
    }

    bool complete = false;
    ArchiveId reached = ArchiveId::none;

private:
    void listen() { this->wait(listening()); }

    Task<void> listening()
    {
        this->storage().archive().on_settled(
            [this](const Settlement& settlement) { settlements_.settle(settlement); });
        co_return;
    }

    Task<AppendOutcome> kept(std::string text, std::string with)
    {
        ArchiveDraft draft;
        draft.owner = owner;
        draft.host = "example.org";
        draft.with = with;
        draft.stanza = text;
        const Result<Appended> appended = this->storage().archive().append(draft);
        if (!appended) {
            co_return AppendOutcome::refused;
        }
        Task<AppendOutcome> settling = settlements_.outcome(appended->ticket);
        const AppendOutcome outcome = co_await settling;
        co_return outcome;
    }

    Settlements settlements_;
};

/// Whose index does nothing of its own accord.
class IdleIndexBackend {
public:
    static constexpr std::uint64_t most = 600;

    Result<std::unique_ptr<Storage>> open(Machine& machine, const Clock& clock)
    {
        LmdbOptions options;
        options.directory = directory_ / "store";
        options.map_size = std::uint64_t{1} << 30;
        options.shards = machine.shards().size();
        options.index_delay = std::chrono::hours{1};
        options.max_index_lag = most;
        options.searched_text = [](std::string_view stanza) { return std::string{stanza}; };
        return open_lmdb(options, machine.workers(), clock);
    }

    const TemporaryDirectory& directory() const { return directory_; }

private:
    TemporaryDirectory directory_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(search)

BOOST_AUTO_TEST_CASE(the_index_lags_no_further_than_it_may)
{
    constexpr unsigned turns = 40;
    constexpr unsigned in_a_turn = 200;
    Archives<IdleIndexBackend> library;
    std::uint64_t lag = 0;
    for (unsigned turn = 0; turn < turns; ++turn) {
        std::vector<Draft> drafts;
        for (unsigned i = 0; i < in_a_turn; ++i) {
            Draft one{owner};
            one.with = "juliet@example.org";
            one.stanza = (i == 7 && turn % 10 == 3 ? "nightingale " : "lark ") +
                         std::to_string(turn * in_a_turn + i) + std::string(100, '.');
            drafts.push_back(one);
        }
        library.append(drafts);
        lag = std::max(lag, library.storage().stats().index_lag);
    }
    // What a turn brought, and what it had folded, may come beyond it.
    BOOST_TEST(lag > 0U);
    BOOST_TEST(lag <= IdleIndexBackend::most + 3 * in_a_turn);
    BOOST_TEST(library.storage().stats().indexed >= turns * in_a_turn - lag - 3 * in_a_turn);
    const ArchivePage page =
        library.get(owner, library.storage().search().search(ArchiveQuery{owner}, "nightingale"));
    BOOST_TEST(page.complete);
    BOOST_TEST(page.entries.size() == 4U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(entries_are_found_by_all_of_their_words, Backend, Backends)
{
    Library<Backend> library;
    library.keep("Wherefore art thou, Romeo?");
    library.keep("어제 사랑방에서 만났어요");
    library.keep("Romeo, 사랑방에 있어요?");
    BOOST_TEST(
        library.search("romeo") ==
        (Texts{"Wherefore art thou, Romeo?", "Romeo, 사랑방에 있어요?"}));
    BOOST_TEST(library.search("ROMEO 사랑방") == (Texts{"Romeo, 사랑방에 있어요?"}));
    BOOST_TEST(library.search("juliet").empty());
    BOOST_TEST(library.search("?!").empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_came_since_the_last_search_is_found_too, Backend, Backends)
{
    Library<Backend> library;
    library.keep("one rose");
    BOOST_TEST(library.search("rose").size() == 1U);
    library.keep("another rose");
    BOOST_TEST(library.search("rose").size() == 2U);
    library.reopen();
    library.keep("a third rose");
    BOOST_TEST(library.search("rose").size() == 3U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(hits_come_in_pages_from_either_end, Backend, Backends)
{
    Library<Backend> library;
    for (int i = 1; i <= 5; ++i) {
        library.keep("rose " + std::to_string(i));
        library.keep("thorn");
    }
    ArchiveQuery first{owner};
    first.limit = 2;
    BOOST_TEST(library.search("rose", first) == (Texts{"rose 1", "rose 2"}));
    BOOST_TEST(!library.complete);
    ArchiveQuery last = first;
    last.backwards = true;
    BOOST_TEST(library.search("rose", last) == (Texts{"rose 4", "rose 5"}));
    BOOST_TEST(!library.complete);
    first.limit = 5;
    BOOST_TEST(library.search("rose", first).size() == 5U);
    BOOST_TEST(library.complete);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_that_part_of_the_archive_is_searched, Backend, Backends)
{
    Library<Backend> library;
    library.keep("a rose for juliet");
    library.keep("a rose for nurse", "nurse@example.org");
    library.time().advance(std::chrono::hours{1});
    library.keep("a late rose for nurse", "nurse@example.org");
    ArchiveQuery nurse{owner, "nurse@example.org"};
    BOOST_TEST(
        library.search("rose", nurse) == (Texts{"a rose for nurse", "a late rose for nurse"}));
    nurse.after = bound_of(library.time().wall() - std::chrono::minutes{1});
    BOOST_TEST(library.search("rose", nurse) == (Texts{"a late rose for nurse"}));
    nurse.before = nurse.after;
    nurse.after = ArchiveId::none;
    BOOST_TEST(library.search("rose", nurse) == (Texts{"a rose for nurse"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_index_that_was_forgotten_is_made_anew, Backend, Backends)
{
    Library<Backend> library;
    library.keep("a rose");
    BOOST_TEST(library.search("rose").size() == 1U);
    BOOST_TEST(library.wait(library.storage().search().forget(owner)).has_value());
    BOOST_TEST(library.search("rose").size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_replaced_is_not_found_any_more, Backend, Backends)
{
    Library<Backend> library;
    library.keep("a secret");
    BOOST_TEST(library.search("secret").size() == 1U);
    const auto page = library.wait(library.storage().archive().read(ArchiveQuery{owner}));
    BOOST_TEST(
        library
            .wait(library.storage().archive().replace(owner, page->entries.front().id, "tombstone"))
            .value());
    BOOST_TEST(library.search("secret").empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_search_finds_what_a_look_at_every_entry_finds, Backend, Backends)
{
    const Texts words{"rose", "thorn", "사랑", "방", "balcony"};
    Library<Backend> library;
    Texts all;
    std::mt19937 random{3};
    for (int i = 0; i < 600; ++i) {
        std::string text = std::to_string(i);
        for (const std::string& word : words) {
            text += random() % 4 == 0 ? ' ' + word : std::string{};
        }
        library.keep(text);
        all.push_back(text);
    }
    for (const std::string& sought :
         {words[0],
          words[2],
          words[0] + ' ' + words[1],
          words[2] + ' ' + words[3] + ' ' + words[4]}) {
        SearchWords cutter;
        const SearchRequest request = cutter.request(sought);
        Texts expected;
        for (const std::string& text : all) {
            if (cutter.matches(request, text)) {
                expected.push_back(text);
            }
        }
        ArchiveQuery query{owner};
        query.limit = 1000;
        BOOST_TEST(library.search(sought, query) == expected);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_in_blocks_is_indexed_by_itself, Backend, Backends)
{
    Library<Backend> library;
    library.rest();
    for (int i = 0; i < 20; ++i) {
        library.keep("a rose " + std::string(1000, 'x'));
    }
    library.fold();
    library.wait_until([&] { return library.storage().stats().indexed == 20U; });
    BOOST_TEST(library.get(library.storage().search().index(owner)) == 0U);
    BOOST_TEST(library.search("rose").size() == 20U);
}

// Both pairs are in each, and the word in few: so each has to be looked at.
constexpr auto near_miss = "가나 나다";

BOOST_AUTO_TEST_CASE_TEMPLATE(a_search_that_is_given_up_tells_where_to_go_on, Backend, Backends)
{
    constexpr int misses = 1500;
    for (const bool indexed : {true, false}) {
        Library<Backend> library;
        library.keep("가나다 1");
        for (int i = 0; i < misses; ++i) {
            library.keep(near_miss);
        }
        library.keep("가나다 2");
        if (indexed) {
            library.index();
        }
        for (const bool backwards : {false, true}) {
            ArchiveQuery query{owner};
            query.backwards = backwards;
            Texts found;
            int pages = 0;
            do {
                for (std::string& text : library.search("가나다", query)) {
                    found.push_back(std::move(text));
                }
                BOOST_TEST_REQUIRE(++pages < 10);
                BOOST_TEST_REQUIRE((library.complete || library.reached != ArchiveId::none));
                const std::vector<ArchiveId> place{library.reached};
                const bool there = !library.get(library.archive().find(owner, place)).empty();
                BOOST_TEST((library.complete || there));
                (backwards ? query.before : query.after) = library.reached;
            } while (!library.complete);
            BOOST_TEST(pages == 2);
            std::ranges::sort(found);
            BOOST_TEST(found == (Texts{"가나다 1", "가나다 2"}));
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_replaced_entry_may_stand_in_the_index_or_not, Backend, Backends)
{
    for (const bool indexed : {true, false}) {
        Library<Backend> library;
        library.keep("a secret");
        library.keep("no secret");
        if (indexed) {
            library.index();
        }
        const ArchiveId id = library.first().id;
        BOOST_TEST(library.get(library.archive().replace(owner, id, "tombstone")));
        library.index();
        BOOST_TEST(library.search("secret") == (Texts{"no secret"}));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_expired_is_not_found, Backend, Backends)
{
    Library<Backend> library;
    for (int i = 1; i <= 10; ++i) {
        library.keep("rose " + std::to_string(i));
    }
    library.index();
    library.keep("rose 11");
    const Clock::Wall bound = library.time().wall() - std::chrono::seconds{1};
    while (library.get(library.archive().expire("example.org", bound)) > 0) {
    }
    BOOST_TEST(library.search("rose") == (Texts{"rose 10", "rose 11"}));
    library.rest();
    BOOST_TEST(library.search("rose") == (Texts{"rose 10", "rose 11"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(all_archives_of_a_host_are_indexed_anew, Backend, Backends)
{
    Library<Backend> library;
    library.keep("a rose");
    library.index();
    SearchStore& search = library.storage().search();
    BOOST_TEST(library.get(search.begin_anew("example.com", "")).names.empty());
    const SearchOwners owners = library.get(search.begin_anew("example.org", ""));
    BOOST_TEST(owners.names == (Texts{owner}));
    BOOST_TEST(owners.next.empty());
    library.rest();
    BOOST_TEST(library.storage().stats().indexed == 2U);
    BOOST_TEST(library.search("rose").size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
