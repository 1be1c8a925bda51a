// SPDX-License-Identifier: Apache-2.0
// What removed accounts had in the archive is erased in steps, also those that a crash left over.
#include "store/lmdb/owners.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "changed.h"

namespace sarang {
namespace {

using lmdb::Key;
using lmdb::Table;
using Erased = Archives<ChangedBackend>;

const std::string juliet = "juliet@capulet.example";
const std::string nurse = "nurse@capulet.example";

void append(Erased& kept, const std::string& owner, int count)
{
    std::vector<Draft> drafts;
    for (int i = 0; i < count; ++i) {
        Draft one{owner};
        one.with = "romeo@montague.example";
        one.refers_to = "m" + std::to_string(i);
        one.stanza = "<message/>";
        drafts.push_back(one);
    }
    kept.append(drafts);
    kept.fold(owner);
}

void create(Erased& kept, const std::string& owner)
{
    kept.Machine::get(kept.accounts().create(Account{owner, "capulet.example", {}, {}}));
}

void expect_only_the_nurses(Erased& kept)
{
    ArchiveQuery query;
    query.owner = nurse;
    BOOST_TEST(kept.all(query).size() == 10U);
    query.owner = juliet;
    BOOST_TEST(kept.all(query).empty());
    BOOST_TEST(count_rows(kept, Table::archive_refs) == 10U);
    BOOST_TEST(count_rows(kept, Table::archive_blocks) == 1U);
    BOOST_TEST(count_rows(kept, Table::archive_with) == 1U);
    BOOST_TEST(count_rows(kept, Table::archive_heads) == 1U);
    BOOST_TEST(count_rows(kept, Table::archive_expiry) == 1U);
    BOOST_TEST(count_rows(kept, Table::archive_gone) == 0U);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_erasing)

BOOST_AUTO_TEST_CASE(an_archive_that_goes_with_its_account_goes_in_steps)
{
    Erased kept;
    create(kept, juliet);
    append(kept, juliet, 5000);
    append(kept, nurse, 10);
    const std::uint64_t before = kept.storage().stats().commits;
    kept.Machine::get(kept.accounts().remove(juliet));
    BOOST_TEST(kept.storage().stats().commits - before >= 5U);
    expect_only_the_nurses(kept);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_over_is_erased_at_the_next_start)
{
    Erased kept;
    create(kept, juliet);
    append(kept, juliet, 5000);
    append(kept, nurse, 10);
    // As far as the first step goes.
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        const auto id = lmdb::find_owner(transaction, juliet);
        lmdb::erase_owned(transaction, *id);
        lmdb::erase_owner(transaction, juliet);
        BOOST_TEST(lmdb::erase_some(transaction));
        BOOST_TEST(keys(transaction, Table::archive_refs).size() > 3000U);
        BOOST_TEST(keys(transaction, Table::archive_gone).size() == 1U);
    };
    kept.reopen();
    expect_only_the_nurses(kept);
}

BOOST_AUTO_TEST_CASE(a_namesake_has_nothing_of_what_is_still_being_erased)
{
    Erased kept;
    append(kept, juliet, 3000); // without an account
    append(kept, nurse, 10);
    create(kept, juliet);
    expect_only_the_nurses(kept);
    append(kept, juliet, 5);
    ArchiveQuery query;
    query.owner = juliet;
    BOOST_TEST(kept.all(query).size() == 5U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
