// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/affiliation_versions.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang::muc {
namespace {

const Jid louise = Jid::parse("louise@commons.example").value();
const Jid peter = Jid::parse("peter@commons.example").value();
const Jid rosa = Jid::parse("rosa@commons.example").value();

const Lists all = Lists{}
                      .add(Affiliation::outcast)
                      .add(Affiliation::member)
                      .add(Affiliation::admin)
                      .add(Affiliation::owner);
const Lists people =
    Lists{}.add(Affiliation::member).add(Affiliation::admin).add(Affiliation::owner);

AffiliationVersions new_lists()
{
    AffiliationVersions versions;
    versions.begin();
    return versions;
}

AffiliationVersions copy_of(const AffiliationVersions& versions)
{
    BytesWriter out;
    versions.write(out);
    const std::string bytes = out.take();
    BytesReader in{bytes};
    AffiliationVersions copy;
    BOOST_REQUIRE(copy.read(in));
    BOOST_REQUIRE(in.complete());
    return copy;
}

void enlist(AffiliationVersions& versions, const Jid& account)
{
    versions.note(account, Affiliation::none, Affiliation::member);
}

void ban(AffiliationVersions& versions, const Jid& account)
{
    versions.note(account, Affiliation::none, Affiliation::outcast);
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_affiliation_versions)

BOOST_AUTO_TEST_CASE(each_change_makes_a_new_version)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(all);
    enlist(versions, louise);
    const std::string second = versions.current(all);
    BOOST_TEST(first != second);
    BOOST_TEST((versions.last_step(all) == VersionStep{first, second}));
    enlist(versions, peter);
    BOOST_TEST((versions.last_step(all) == VersionStep{second, versions.current(all)}));
}

BOOST_AUTO_TEST_CASE(what_came_after_a_version_is_known)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(all);
    enlist(versions, louise);
    const std::string second = versions.current(all);
    versions.note(louise, Affiliation::member, Affiliation::admin);
    BOOST_TEST(versions.since(first, all).value().size() == 2U);
    const auto changes = versions.since(second, all).value();
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes.front().account == louise));
    BOOST_TEST((changes.front().before == Affiliation::member));
    BOOST_TEST((changes.front().after == Affiliation::admin));
    BOOST_TEST(versions.since(versions.current(all), all).value().empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_version_is_unknown)
{
    AffiliationVersions versions = new_lists();
    const std::string version = versions.current(all);
    for (const std::string& other :
         {std::string{},
          std::string{"."},
          std::string{".f"},
          std::string{"9pacabr2q1"},
          version.substr(1),
          version + "f",
          version.substr(0, version.size() - 2)}) {
        BOOST_TEST(!versions.since(other, all).has_value(), other);
    }
    BOOST_TEST(!new_lists().since(version, all).has_value());
}

BOOST_AUTO_TEST_CASE(what_somebody_may_not_see_makes_no_version_for_him)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(people);
    ban(versions, rosa);
    BOOST_TEST(versions.current(people) == first);
    BOOST_TEST(!versions.last_step(people).has_value());
    BOOST_TEST(versions.last_step(all).has_value());
    enlist(versions, louise);
    BOOST_TEST((versions.last_step(people) == VersionStep{first, versions.current(people)}));
}

BOOST_AUTO_TEST_CASE(who_comes_into_a_list_that_is_not_seen_leaves_one_that_is)
{
    AffiliationVersions versions = new_lists();
    versions.note(louise, Affiliation::member, Affiliation::outcast);
    BOOST_TEST(versions.last_step(people).has_value());
    BOOST_TEST((people.shown(Affiliation::outcast) == Affiliation::none));
    BOOST_TEST((all.shown(Affiliation::outcast) == Affiliation::outcast));
}

BOOST_AUTO_TEST_CASE(a_version_of_other_lists_does_not_count)
{
    AffiliationVersions versions = new_lists();
    enlist(versions, louise);
    BOOST_TEST(!versions.since(versions.current(people), all).has_value());
    BOOST_TEST(!versions.since(versions.current(Lists{}), people).has_value());
}

BOOST_AUTO_TEST_CASE(who_sees_no_list_is_told_of_versions)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(Lists{});
    ban(versions, rosa);
    BOOST_TEST((versions.last_step(Lists{}) == VersionStep{first, versions.current(Lists{})}));
}

BOOST_AUTO_TEST_CASE(only_so_many_changes_are_remembered)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(all);
    enlist(versions, louise);
    const std::string second = versions.current(all);
    for (std::size_t i = 0; i + 1 < AffiliationVersions::most_changes; ++i) {
        enlist(versions, peter);
    }
    BOOST_TEST(versions.since(first, all).has_value());
    enlist(versions, rosa);
    BOOST_TEST(!versions.since(first, all).has_value());
    BOOST_TEST(versions.since(second, all).value().size() == AffiliationVersions::most_changes);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_read_again)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(people);
    enlist(versions, louise);
    ban(versions, rosa);
    const AffiliationVersions copy = copy_of(versions);
    BOOST_TEST(copy.current(all) == versions.current(all));
    BOOST_TEST(copy.current(people) == versions.current(people));
    BOOST_TEST(copy.since(first, people).value().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_change_has_the_version_with_which_it_was_kept)
{
    AffiliationVersions versions = new_lists();
    versions.expect(
        {{{}, louise, Affiliation::none, Affiliation::member},
         {{}, peter, Affiliation::none, Affiliation::member}});
    const std::string first = versions.current(all);
    const AffiliationVersions kept = copy_of(versions);
    BOOST_TEST(versions.current(all) == first);
    enlist(versions, louise);
    BOOST_TEST(kept.since(versions.current(all), all).value().size() == 1U);
    enlist(versions, peter);
    BOOST_TEST(kept.current(all) == versions.current(all));
}

BOOST_AUTO_TEST_CASE(a_change_that_comes_out_of_turn_has_a_version_that_was_not_kept)
{
    AffiliationVersions versions = new_lists();
    versions.expect(
        {{{}, louise, Affiliation::none, Affiliation::member},
         {{}, peter, Affiliation::none, Affiliation::member}});
    const AffiliationVersions kept = copy_of(versions);
    enlist(versions, peter);
    BOOST_TEST(!kept.since(versions.current(all), all).has_value());
    enlist(versions, louise);
    BOOST_TEST(kept.since(versions.current(all), all).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_not_kept_is_not_expected)
{
    AffiliationVersions versions = new_lists();
    versions.expect({{{}, louise, Affiliation::none, Affiliation::member}});
    versions.expect({});
    BOOST_TEST(copy_of(versions).current(all) == versions.current(all));
}

BOOST_AUTO_TEST_CASE(what_is_expected_counts_as_remembered)
{
    AffiliationVersions versions = new_lists();
    const std::string first = versions.current(all);
    for (std::size_t i = 0; i < AffiliationVersions::most_changes; ++i) {
        enlist(versions, peter);
    }
    versions.expect({{{}, louise, Affiliation::none, Affiliation::member}});
    const AffiliationVersions kept = copy_of(versions);
    BOOST_TEST(!kept.since(first, all).has_value());
    enlist(versions, louise);
    BOOST_TEST(kept.current(all) == versions.current(all));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_cut_off_are_no_versions)
{
    AffiliationVersions versions = new_lists();
    enlist(versions, louise);
    BytesWriter out;
    versions.write(out);
    const std::string bytes = out.take();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BytesReader in{std::string_view{bytes}.substr(0, size)};
        BOOST_TEST(!AffiliationVersions{}.read(in), size);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
