// SPDX-License-Identifier: Apache-2.0
#include "core/settlements.h"
#include "store/search_store.h"
#include "store/search_words.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

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
        Texts texts;
        for (const ArchiveEntry& entry : page->entries) {
            texts.push_back(entry.stanza);
        }
        return texts;
    }

    bool complete = false;

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

} // namespace

BOOST_AUTO_TEST_SUITE(search)

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

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
