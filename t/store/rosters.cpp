// SPDX-License-Identifier: Apache-2.0
#include "store/roster_store.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "backends.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* romeo = "romeo@montague.example";
constexpr const char* nurse = "nurse@capulet.example";

RosterItem item(std::string contact, std::string name = {})
{
    RosterItem made;
    made.contact = std::move(contact);
    made.name = std::move(name);
    return made;
}

RosterItem full_item()
{
    RosterItem full = item(romeo, "로미오 🎈");
    full.groups = {"Friends", "", "Group with \"quotes\""};
    full.subscription = Subscription::from;
    full.ask = true;
    full.approved = true;
    full.pending_in = true;
    full.request = "<presence type='subscribe'><status>May I?</status></presence>";
    return full;
}

std::vector<std::string> contacts(const std::vector<RosterItem>& items)
{
    std::vector<std::string> found;
    for (const RosterItem& one : items) {
        found.push_back(one.contact);
    }
    std::ranges::sort(found);
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(rosters)

BOOST_AUTO_TEST_CASE_TEMPLATE(an_item_comes_back_as_it_was_put, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t version = kept.get(kept.rosters().put(juliet, full_item()));
    kept.reopen();
    const Roster roster = kept.get(kept.rosters().load(juliet));
    BOOST_TEST(roster.version == version);
    BOOST_TEST_REQUIRE(roster.items.size() == 1U);
    BOOST_TEST((roster.items.front() == full_item()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_owner_who_has_no_roster_has_an_empty_one, Backend, Backends)
{
    Kept<Backend> kept;
    const Roster roster = kept.get(kept.rosters().load(juliet));
    BOOST_TEST(roster.version == 0U);
    BOOST_TEST(roster.items.empty());
    auto remove = kept.rosters().remove(juliet, romeo);
    BOOST_TEST((kept.refused(std::move(remove)) == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_item_that_is_put_again_replaces_the_old_one, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t first = kept.get(kept.rosters().put(juliet, full_item()));
    const std::uint64_t second = kept.get(kept.rosters().put(juliet, item(romeo, "Romeo")));
    BOOST_TEST(second > first);
    const Roster roster = kept.get(kept.rosters().load(juliet));
    BOOST_TEST_REQUIRE(roster.items.size() == 1U);
    BOOST_TEST((roster.items.front() == item(romeo, "Romeo")));
    BOOST_TEST(roster.version == second);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_change_that_fails_leaves_the_version, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t version = kept.get(kept.rosters().put(juliet, item(romeo)));
    auto remove = kept.rosters().remove(juliet, nurse);
    BOOST_TEST((kept.refused(std::move(remove)) == Condition::item_not_found));
    BOOST_TEST(kept.get(kept.rosters().load(juliet)).version == version);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(changes_are_told_since_each_version, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t first = kept.get(kept.rosters().put(juliet, item(romeo)));
    const std::uint64_t second = kept.get(kept.rosters().put(juliet, item(nurse)));
    const std::uint64_t third = kept.get(kept.rosters().remove(juliet, romeo));

    auto changes = kept.get(kept.rosters().changes_since(juliet, first));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST(changes->version == third);
    BOOST_TEST(contacts(changes->changed) == std::vector<std::string>{nurse});
    BOOST_TEST(changes->removed == std::vector<std::string>{romeo});

    changes = kept.get(kept.rosters().changes_since(juliet, second));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST(changes->changed.empty());
    BOOST_TEST(changes->removed == std::vector<std::string>{romeo});

    changes = kept.get(kept.rosters().changes_since(juliet, third));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST(changes->version == third);
    BOOST_TEST((changes->changed.empty() && changes->removed.empty()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_who_came_back_is_not_told_as_removed, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t first = kept.get(kept.rosters().put(juliet, item(nurse)));
    kept.get(kept.rosters().put(juliet, item(romeo)));
    kept.get(kept.rosters().remove(juliet, romeo));
    kept.get(kept.rosters().put(juliet, item(romeo, "Back")));
    kept.get(kept.rosters().remove(juliet, nurse));
    kept.get(kept.rosters().put(juliet, item(nurse)));
    kept.get(kept.rosters().remove(juliet, nurse));
    const auto changes = kept.get(kept.rosters().changes_since(juliet, first));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST(contacts(changes->changed) == std::vector<std::string>{romeo});
    BOOST_TEST(changes->removed == std::vector<std::string>{nurse});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_starts_from_nothing_is_told_all_there_is, Backend, Backends)
{
    Kept<Backend> kept;
    BOOST_TEST(kept.get(kept.rosters().changes_since(juliet, 0)).has_value());
    kept.get(kept.rosters().put(juliet, item(romeo)));
    kept.get(kept.rosters().put(juliet, item(nurse)));
    kept.get(kept.rosters().remove(juliet, romeo));
    const auto changes = kept.get(kept.rosters().changes_since(juliet, 0));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST(contacts(changes->changed) == std::vector<std::string>{nurse});
    BOOST_TEST(changes->removed.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(removals_are_forgotten_but_never_silently, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::uint64_t> versions{kept.get(kept.rosters().put(juliet, item(nurse)))};
    for (int i = 0; i < 300; ++i) {
        kept.get(kept.rosters().put(juliet, item(romeo)));
        versions.push_back(kept.get(kept.rosters().remove(juliet, romeo)));
    }
    BOOST_TEST(!kept.get(kept.rosters().changes_since(juliet, versions.front())).has_value());
    bool known = false;
    for (const std::uint64_t version : versions) {
        const auto changes = kept.get(kept.rosters().changes_since(juliet, version));
        BOOST_TEST((changes.has_value() || !known)); // once known, known for all that follow
        known = changes.has_value();
        if (known && version != versions.back()) {
            BOOST_TEST(changes->removed == std::vector<std::string>{romeo});
        }
    }
    BOOST_TEST(known);
    BOOST_TEST(kept.get(kept.rosters().changes_since(juliet, versions[260])).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_version_that_was_never_given_is_unknown, Backend, Backends)
{
    Kept<Backend> kept;
    BOOST_TEST(!kept.get(kept.rosters().changes_since(juliet, 5)).has_value());
    const std::uint64_t version = kept.get(kept.rosters().put(juliet, item(romeo)));
    BOOST_TEST(!kept.get(kept.rosters().changes_since(juliet, version + 1)).has_value());
    BOOST_TEST(!kept.get(kept.rosters().changes_since(juliet, version - 1)).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_roster_that_began_anew_reuses_no_version, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(Account{juliet, "capulet.example", {}, {}}));
    const std::uint64_t old = kept.get(kept.rosters().put(juliet, item(romeo)));
    kept.get(kept.accounts().remove(juliet));
    kept.time().advance(std::chrono::milliseconds{1});
    const std::uint64_t fresh = kept.get(kept.rosters().put(juliet, item(nurse)));
    BOOST_TEST(fresh > old);
    BOOST_TEST(!kept.get(kept.rosters().changes_since(juliet, old)).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(versions_rise_when_the_clock_goes_back, Backend, Backends)
{
    Kept<Backend> kept;
    const std::uint64_t first = kept.get(kept.rosters().put(juliet, item(romeo)));
    kept.time().set_wall(Clock::Wall{std::chrono::milliseconds{1}});
    BOOST_TEST(kept.get(kept.rosters().put(juliet, item(nurse))) == first + 1);
    BOOST_TEST(kept.get(kept.rosters().remove(juliet, nurse)) == first + 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_large_roster_and_long_names_are_kept, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string owner = std::string(1023, 'o') + '@' + std::string(1023, 'h');
    std::vector<std::string> expected;
    std::vector<std::future<Result<std::uint64_t>>> puts;
    for (int i = 0; i < 1000; ++i) {
        const std::string number = std::to_string(10'000 + i);
        expected.push_back(std::string(1018, 'c') + number + '@' + std::string(1023, 'h'));
        puts.push_back(kept.start(0, kept.rosters().put(owner, item(expected.back(), number))));
    }
    for (auto& put : puts) {
        BOOST_TEST(put.get().has_value());
    }
    BOOST_TEST(contacts(kept.get(kept.rosters().load(owner)).items) == expected);
    BOOST_TEST(kept.get(kept.rosters().load(juliet)).items.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
