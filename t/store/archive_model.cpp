// SPDX-License-Identifier: Apache-2.0
// Random deeds, done to an archive and to the model of it in memory: both must answer the same.
#include "store/archive_store.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

#include "../fake/archive_store.h"
#include "archives.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

template <class Backend>
class Comparison {
public:
    explicit Comparison(unsigned seed)
        : random_{seed}
    {}

    void step()
    {
        switch (below(19)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return append();
        case 4:
        case 5:
        case 6:
            return compare_page();
        case 7:
            return compare_finds();
        case 8:
            return replace();
        case 9:
            return remove();
        case 10:
            return below(3) == 0 ? expire() : compare_extents();
        case 11:
            return kept_.fold(owner());
        case 12:
            return below(4) == 0 ? kept_.reopen() : compare_page();
        case 13:
        case 14:
            return compare_inboxes();
        case 15:
        case 16:
            return mark_read();
        case 17:
            return compact();
        default:
            return turn_clock();
        }
    }

    void compare_all()
    {
        for (const std::string& name : owners) {
            ArchiveQuery query;
            query.owner = name;
            query.limit = 10'000;
            compare(query);
            InboxQuery inbox;
            inbox.owner = name;
            inbox.limit = 10'000;
            compare(inbox);
        }
    }

private:
    static inline const std::vector<std::string> owners{
        "juliet@capulet.example",
        "nurse@capulet.example",
        "romeo@montague.example",
        "a-room@rooms.example"};
    static inline const std::vector<std::string> parties{
        "tybalt@capulet.example",
        "mercutio@verona.example",
        "benvolio@verona.example",
        "paris@verona.example",
        "escalus@verona.example",
        ""};
    static inline const std::vector<EntryRole> roles{
        EntryRole::none,
        EntryRole::sent,
        EntryRole::received,
        EntryRole::received,
        EntryRole::received,
        EntryRole::mention,
        EntryRole::displayed,
        EntryRole::seen};
    static inline const std::vector<std::string> resources{"", "street", "orchard"};

    std::size_t below(std::size_t bound) { return random_() % bound; }

    template <class T>
    const T& one_of(const std::vector<T>& all)
    {
        return all[below(all.size())];
    }

    const std::string& owner() { return one_of(owners); }

    std::string message_id() { return "m" + std::to_string(below(next_message_ + 1)); }

    // One of those that came last: what markers and people refer to.
    std::string late_message_id()
    {
        const std::size_t back = std::min(next_message_, below(20));
        return "m" + std::to_string(next_message_ - back);
    }

    Draft draft()
    {
        Draft draft{owner()};
        draft.with = one_of(parties);
        draft.with_resource = one_of(resources);
        draft.message_id = below(20) == 0 ? message_id() : "m" + std::to_string(next_message_++);
        draft.refers_to = below(5) == 0 ? message_id() : "";
        draft.role = one_of(roles);
        if (draft.role == EntryRole::displayed || draft.role == EntryRole::seen) {
            draft.refers_to = late_message_id();
        }
        const std::size_t size = below(40) == 0 ? 20'000 : 20 + below(600);
        draft.stanza = "<message>" + std::string(size, static_cast<char>('a' + below(26)));
        draft.stanza += std::to_string(below(1'000'000));
        return draft;
    }

    void append()
    {
        std::vector<Draft> drafts(1 + below(60));
        for (Draft& one : drafts) {
            one = draft();
        }
        const auto appended = kept_.append(drafts);
        for (std::size_t i = 0; i < drafts.size(); ++i) {
            model_.next_id = appended[i].id;
            ids_.push_back(appended[i].id);
            BOOST_TEST_REQUIRE(model_.append(kept_.view(drafts[i])).has_value());
        }
        model_.settle();
    }

    ArchiveId any_id()
    {
        if (ids_.empty() || below(6) == 0) {
            return ArchiveId::none;
        }
        const auto id = static_cast<std::uint64_t>(one_of(ids_));
        return ArchiveId{id + below(3) - 1};
    }

    void compare_page()
    {
        ArchiveQuery query;
        query.owner = owner();
        query.with = below(2) == 0 ? "" : one_of(parties);
        query.with_resource = query.with.empty() || below(2) == 0 ? "" : one_of(resources);
        query.after = any_id();
        query.before = any_id();
        query.backwards = below(2) == 0;
        query.limit = 1 + below(60);
        compare(query);
    }

    void compare(const ArchiveQuery& query)
    {
        const ArchivePage page = kept_.page(query);
        ArchiveQuery cut = query;
        const bool large = !page.complete && page.entries.size() < query.limit;
        cut.limit = large ? page.entries.size() : query.limit;
        const ArchivePage expected = model(model_.read(cut));
        BOOST_TEST_REQUIRE((page.entries == expected.entries));
        BOOST_TEST_REQUIRE(page.complete == expected.complete);
    }

    void compare_finds()
    {
        const std::string& name = owner();
        const std::vector ids{any_id(), any_id(), any_id(), any_id()};
        const auto found = kept_.get(name, kept_.archive().find(name, ids));
        BOOST_TEST_REQUIRE((found == model(model_.find(name, ids))));

        const std::string id = message_id();
        const std::string& with = one_of(parties);
        const auto messages = kept_.get(name, kept_.archive().find_message(name, with, id));
        BOOST_TEST_REQUIRE((messages == model(model_.find_message(name, with, id))));

        const std::size_t limit = 1 + below(3);
        const auto references = kept_.get(name, kept_.archive().find_references(name, id, limit));
        BOOST_TEST_REQUIRE((references == model(model_.find_references(name, id, limit))));
    }

    void compare_extents()
    {
        const std::string& name = owner();
        const ArchiveExtent extent = kept_.get(name, kept_.archive().extent(name));
        const ArchiveExtent expected = model(model_.extent(name));
        BOOST_TEST_REQUIRE((extent.first == expected.first));
        BOOST_TEST_REQUIRE((extent.last == expected.last));
        BOOST_TEST_REQUIRE(extent.entries == expected.entries);
    }

    void compare_inboxes()
    {
        InboxQuery query;
        query.owner = owner();
        query.unread_only = below(3) == 0;
        query.entries = below(2) == 0;
        query.below = below(2) == 0 ? ArchiveId::none : any_id();
        query.above = below(2) == 0 ? ArchiveId::none : any_id();
        query.backwards = below(3) == 0;
        query.limit = below(parties.size() + 2);
        compare(query);
        const std::string& with = one_of(parties);
        const auto told = kept_.get(query.owner, kept_.archive().conversation(query.owner, with));
        BOOST_TEST_REQUIRE((told == model(model_.conversation(query.owner, with))));
    }

    void compare(const InboxQuery& query)
    {
        const InboxPage page = kept_.get(query.owner, kept_.archive().inbox(query));
        const InboxPage expected = model(model_.inbox(query));
        BOOST_TEST_REQUIRE((page.conversations == expected.conversations));
        BOOST_TEST_REQUIRE((page.totals == expected.totals));
        BOOST_TEST_REQUIRE(page.complete == expected.complete);
    }

    // Also up to where the conversation has nothing: it is others' then that are read so far.
    void mark_read()
    {
        const std::string& name = owner();
        const std::string& with = one_of(parties);
        const std::size_t late = std::min<std::size_t>(ids_.size(), 1 + below(60));
        const ArchiveId id = late == 0 ? ArchiveId{7} : ids_[ids_.size() - late];
        const bool done = kept_.get(name, kept_.archive().mark_read(name, with, id));
        BOOST_TEST_REQUIRE(done == model(model_.mark_read(name, with, id)));
    }

    void replace()
    {
        const std::string& name = owner();
        const ArchiveId id = any_id();
        const std::string stanza(below(200), 't');
        const bool done = kept_.get(name, kept_.archive().replace(name, id, stanza));
        BOOST_TEST_REQUIRE(done == model(model_.replace(name, id, stanza)));
    }

    void remove()
    {
        const std::string& name = owner();
        // Mostly a few, sometimes all.
        const std::size_t few = std::min<std::size_t>(ids_.size(), 1 + ids_.size() / 4);
        const ArchiveId bound = few == 0 || below(10) == 0 ? ArchiveId::none : ids_[below(few)];
        const auto removed = kept_.get(name, kept_.archive().remove_before(name, bound));
        BOOST_TEST_REQUIRE(removed == model(model_.remove_before(name, bound)));
    }

    void expire()
    {
        const Clock::Wall before = kept_.time().wall() - std::chrono::minutes{10 + below(600)};
        std::uint64_t removed = 0;
        for (std::uint64_t step = 1; step > 0; removed += step) {
            step = kept_.get(owner(), kept_.archive().expire("capulet.example", before));
        }
        BOOST_TEST_REQUIRE(removed == model(model_.expire("capulet.example", before)));
    }

    // Where the file system knows no holes, nothing is done.
    void compact()
    {
        const auto done = kept_.wait(kept_.storage().compact());
        BOOST_TEST_REQUIRE((done || done.error().condition == Condition::feature_not_implemented));
    }

    void turn_clock()
    {
        kept_.settle(); // what still folds looks at the clock
        if (below(4) == 0) {
            kept_.time().set_wall(kept_.time().wall() - std::chrono::seconds{below(600)});
        } else {
            kept_.time().advance(std::chrono::seconds{below(1200)});
        }
    }

    template <class T>
    T model(Task<Result<T>> task)
    {
        return kept_.Machine::get(std::move(task));
    }

    std::mt19937 random_;
    Archives<Backend> kept_;
    FakeArchiveStore model_{kept_.time()};
    std::vector<ArchiveId> ids_;
    std::size_t next_message_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(archive_model)

BOOST_AUTO_TEST_CASE_TEMPLATE(an_archive_answers_as_its_model_does, Backend, Backends)
{
    for (const unsigned seed : {1, 2, 3, 5, 8, 13, 21, 34}) {
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            Comparison<Backend> comparison{seed};
            for (int i = 0; i < 250; ++i) {
                BOOST_TEST_CONTEXT("step " << i)
                {
                    comparison.step();
                }
            }
            comparison.compare_all();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
