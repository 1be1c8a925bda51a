// SPDX-License-Identifier: Apache-2.0
#include "store/account_store.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

#include "backends.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";

std::vector<ScramKeys> credentials(char fill)
{
    const std::string short_key(size(Hash::sha1), fill);
    const std::string long_key(size(Hash::sha256), fill);
    const std::string salt{"salt\0\xff", 6};
    return {
        {Hash::sha256, 10'000, salt, {Digest{long_key}, Digest{long_key}}},
        {Hash::sha1, 4096, {}, {Digest{short_key}, Digest{short_key}}},
    };
}

Account account(std::string owner, std::string host = "capulet.example")
{
    const Clock::Wall created{std::chrono::milliseconds{1'767'225'600'123}};
    return {std::move(owner), std::move(host), credentials('k'), created};
}

/// All pages of a host, one after the other.
template <class Backend>
std::vector<std::string> all(Kept<Backend>& kept, std::string_view host, std::size_t limit)
{
    std::vector<std::string> owners;
    std::uint64_t after = 0;
    do {
        const AccountPage page = kept.get(kept.accounts().list(host, after, limit));
        BOOST_TEST(page.owners.size() <= limit);
        owners.insert(owners.end(), page.owners.begin(), page.owners.end());
        after = page.next;
    } while (after != 0);
    return owners;
}

} // namespace

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE_TEMPLATE(an_account_is_found_as_it_was_created, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(account(juliet)));
    BOOST_TEST((kept.get(kept.accounts().find(juliet)) == account(juliet)));
    BOOST_TEST(!kept.get(kept.accounts().find("romeo@montague.example")).has_value());
    kept.reopen();
    BOOST_TEST((kept.get(kept.accounts().find(juliet)) == account(juliet)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_account_cannot_be_created_twice, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(account(juliet)));
    Account other = account(juliet);
    other.credentials = credentials('x');
    BOOST_TEST((kept.refused(kept.accounts().create(other)) == Condition::conflict));
    BOOST_TEST((kept.get(kept.accounts().find(juliet)) == account(juliet)));
    BOOST_TEST(kept.get(kept.accounts().count("capulet.example")) == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(new_credentials_replace_all_old_ones, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(account(juliet)));
    std::vector<ScramKeys> fresh = credentials('n');
    fresh.pop_back();
    kept.get(kept.accounts().replace_credentials(juliet, fresh));
    Account expected = account(juliet);
    expected.credentials = fresh;
    BOOST_TEST((kept.get(kept.accounts().find(juliet)) == expected));
    auto nobody = kept.accounts().replace_credentials("nobody@capulet.example", fresh);
    BOOST_TEST((kept.refused(std::move(nobody)) == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_removed_account_owned_goes_with_it, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(account(juliet)));
    kept.get(kept.rosters().put(juliet, RosterItem{.contact = "romeo@montague.example"}));
    kept.get(kept.rosters().put(juliet, RosterItem{.contact = "nurse@capulet.example"}));
    kept.get(kept.rosters().remove(juliet, "nurse@capulet.example"));
    kept.get(kept.offline().append(juliet, OfflineDraft{"key", {}, "<message/>"}, 10));
    kept.get(kept.values().put(juliet, "blocking", "\1value"));
    kept.get(kept.accounts().remove(juliet));
    BOOST_TEST(!kept.get(kept.accounts().find(juliet)).has_value());
    BOOST_TEST(kept.get(kept.accounts().count("capulet.example")) == 0U);
    BOOST_TEST(all(kept, "capulet.example", 10).empty());
    BOOST_TEST(kept.get(kept.rosters().load(juliet)).version == 0U);
    BOOST_TEST(kept.get(kept.rosters().load(juliet)).items.empty());
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 0U);
    BOOST_TEST(kept.get(kept.offline().read(juliet, 0, 10)).entries.empty());
    BOOST_TEST(kept.get(kept.values().names(juliet)).empty());
    BOOST_TEST((kept.refused(kept.accounts().remove(juliet)) == Condition::item_not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(others_keep_theirs_when_an_account_is_removed, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string owners[] = {"a@capulet.example", juliet, "z@capulet.example"};
    for (const std::string& owner : owners) {
        kept.get(kept.accounts().create(account(owner)));
        kept.get(kept.rosters().put(owner, RosterItem{.contact = juliet}));
        kept.get(kept.offline().append(owner, OfflineDraft{"key", {}, "<message/>"}, 10));
        kept.get(kept.values().put(owner, "name", "\1value"));
    }
    kept.get(kept.accounts().remove(juliet));
    for (const std::string& owner : {owners[0], owners[2]}) {
        BOOST_TEST((kept.get(kept.accounts().find(owner)) == account(owner)));
        BOOST_TEST(kept.get(kept.rosters().load(owner)).items.size() == 1U);
        BOOST_TEST(kept.get(kept.offline().count(owner)) == 1U);
        BOOST_TEST(kept.get(kept.values().get(owner, "name")).value() == "\1value");
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_inherits_from_a_namesake, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(account(juliet)));
    kept.get(kept.accounts().remove(juliet));
    // What a task that ran late left behind.
    kept.get(kept.offline().append(juliet, OfflineDraft{"key", {}, "<message/>"}, 10));
    kept.get(kept.values().put(juliet, "private", "\1value"));
    kept.get(kept.accounts().create(account(juliet)));
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 0U);
    BOOST_TEST(!kept.get(kept.values().get(juliet, "private")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(accounts_are_listed_by_host_and_page, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::string> expected;
    for (int i = 0; i < 25; ++i) {
        expected.push_back("user" + std::to_string(i) + "@capulet.example");
        kept.get(kept.accounts().create(account(expected.back())));
        const std::string other = "user" + std::to_string(i) + "@montague.example";
        kept.get(kept.accounts().create(account(other, "montague.example")));
    }
    for (const std::size_t limit : {1, 5, 7, 24, 25, 26, 1000}) {
        BOOST_TEST(all(kept, "capulet.example", limit) == expected);
    }
    BOOST_TEST(all(kept, "verona.example", 5).empty());
    BOOST_TEST(kept.get(kept.accounts().count("capulet.example")) == 25U);
    BOOST_TEST(kept.get(kept.accounts().count("verona.example")) == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_account_that_goes_while_listed_disturbs_no_page, Backend, Backends)
{
    Kept<Backend> kept;
    for (const char* owner : {"a@capulet.example", "b@capulet.example", "c@capulet.example"}) {
        kept.get(kept.accounts().create(account(owner)));
    }
    const AccountPage first = kept.get(kept.accounts().list("capulet.example", 0, 2));
    kept.get(kept.accounts().remove("b@capulet.example"));
    const AccountPage second = kept.get(kept.accounts().list("capulet.example", first.next, 2));
    BOOST_TEST(second.owners == std::vector<std::string>{"c@capulet.example"});
    BOOST_TEST(second.next == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_may_be_as_long_as_jids_may, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string host(1023, 'h');
    const std::string stem(1022, 'u');
    for (const char last : {'a', 'b'}) {
        kept.get(kept.accounts().create(account(stem + last + '@' + host, host)));
    }
    const std::string owner = stem + 'a' + '@' + host;
    BOOST_TEST((kept.get(kept.accounts().find(owner)) == account(owner, host)));
    BOOST_TEST(kept.get(kept.accounts().count(host)) == 2U);
    kept.get(kept.accounts().remove(owner));
    BOOST_TEST(all(kept, host, 5) == std::vector<std::string>{stem + 'b' + '@' + host});
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
