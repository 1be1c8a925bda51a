// SPDX-License-Identifier: Apache-2.0
// Rows of the archive that are damaged on the disk: what they held may be lost, and nothing else.
#include "base/bytes.h"
#include "store/archive_store.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/owners.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "damaged.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;
using lmdb::Key;
using lmdb::Table;

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_damage)

BOOST_AUTO_TEST_CASE(all_but_what_a_damaged_block_held_can_be_read)
{
    for (const std::size_t number : {0U, 3U}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        damage(kept, juliet, Table::archive_blocks, number);
        const auto left = kept.all(query(juliet));
        BOOST_TEST(left.size() > 300U);
        BOOST_TEST(left.size() < 400U);
        BOOST_TEST(std::ranges::includes(whole, left, {}, &ArchiveEntry::id, &ArchiveEntry::id));
        BOOST_TEST((backwards(kept, query(juliet)) == left));
        BOOST_TEST((backwards(kept, query(juliet, romeo)) == kept.all(query(juliet, romeo))));
        BOOST_TEST(tells(faults(kept, juliet), "the block of entries that begins here is damaged"));
        BOOST_TEST(kept.storage().stats().damages > 0U);
        expect_whole(kept, nurse);
        append(kept, juliet, 400, 100);
        kept.fold(juliet);
        BOOST_TEST(kept.all(query(juliet)).size() == left.size() + 100);
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_first_block_is_removed_with_what_is_older_than_its_end)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    damage(kept, juliet, Table::archive_blocks, 0);
    const auto remove = [&kept](ArchiveId bound) {
        return kept.get(juliet, kept.archive().remove_before(juliet, bound));
    };
    BOOST_TEST(remove(whole[5].id) == 0U); // it may have later ones
    BOOST_TEST(remove(whole[200].id) > 120U);
    BOOST_TEST(numbers(kept.all(query(juliet))).front() == "200");
    BOOST_TEST(kept.all(query(juliet)).size() == 200U);
    BOOST_TEST(kept.all(query(juliet, romeo)).size() == 100U);
    BOOST_TEST(kept.get(juliet, kept.archive().extent(juliet)).entries == 200U);
    BOOST_TEST(faults(kept, juliet).empty());
    remove(ArchiveId::none);
    kept.get(nurse, kept.archive().remove_before(nurse, ArchiveId::none));
    BOOST_TEST(count_rows(kept, Table::archive_with) == 0U);
    BOOST_TEST(count_rows(kept, Table::archive_refs) == 0U);
    BOOST_TEST(count_rows(kept, Table::archive_expiry) == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_damaged_block_held_is_unread_no_more_once_it_is_removed)
{
    Damaged kept;
    prepare(kept);
    damage(kept, juliet, Table::archive_blocks, 0);
    const auto left = kept.all(query(juliet));
    const auto unread = [&kept] {
        InboxQuery inbox;
        inbox.owner = juliet;
        return kept.get(juliet, kept.archive().inbox(inbox)).totals.unread;
    };
    BOOST_TEST(unread() == 400U);
    kept.get(juliet, kept.archive().remove_before(juliet, left.front().id));
    BOOST_TEST(unread() == left.size());
    kept.get(juliet, kept.archive().remove_before(juliet, ArchiveId::none));
    kept.get(nurse, kept.archive().remove_before(nurse, ArchiveId::none));
    for (const Table table : {Table::inbox_heads, Table::inbox, Table::inbox_order}) {
        BOOST_TEST(count_rows(kept, table) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(many_damaged_blocks_are_removed_in_several_transactions)
{
    for (const bool expires : {false, true}) {
        Damaged kept;
        append(kept, juliet, 0, 2000);
        kept.fold(juliet);
        kept.time().advance(1h);
        std::uint64_t blocks = 0;
        change_rows(kept, juliet, Table::archive_blocks, [&](auto& transaction, const auto& rows) {
            blocks = rows.size();
            for (const Key& row : rows) {
                transaction.put(Table::archive_blocks, row, "damaged");
            }
        });
        BOOST_TEST_REQUIRE(blocks > 20U);
        if (expires) {
            const Clock::Wall before = kept.time().wall() - 30min;
            const auto some = kept.get(juliet, kept.archive().expire("capulet.example", before));
            BOOST_TEST(some == 16U);
            expire(kept, before);
        } else {
            const std::uint64_t writes = kept.storage().stats().writes;
            kept.get(juliet, kept.archive().remove_before(juliet, ArchiveId::none));
            BOOST_TEST(kept.storage().stats().writes - writes >= blocks / 16 + 1);
        }
        for (const Table table :
             {Table::archive_blocks,
              Table::archive_with,
              Table::archive_refs,
              Table::archive_expiry,
              Table::inbox_heads,
              Table::inbox,
              Table::inbox_order}) {
            BOOST_TEST(count_rows(kept, table) == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_first_block_holds_up_no_expiry)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    damage(kept, juliet, Table::archive_blocks, 0);
    expire(kept, time_of(whole[5].id)); // whatever is so old: all came within a moment
    kept.time().advance(48h);
    append(kept, juliet, 400, 10);
    expire(kept, kept.time().wall() - 24h);
    BOOST_TEST(kept.all(query(juliet)).size() == 10U);
    BOOST_TEST(kept.all(query(nurse)).empty());
    BOOST_TEST(faults(kept, juliet).empty());
}

BOOST_AUTO_TEST_CASE(a_block_that_cannot_expire_yet_does_not_hold_up_others)
{
    Damaged kept;
    append(kept, juliet, 0, 10);
    kept.time().advance(1h);
    append(kept, nurse, 0, 10);
    kept.fold(nurse);
    kept.time().advance(1h);
    append(kept, juliet, 10, 10); // one block, from before the nurse's till after it
    kept.fold(juliet);
    damage(kept, juliet, Table::archive_blocks, 0);
    BOOST_TEST(expire(kept, kept.time().wall() - 30min) == 10U);
    BOOST_TEST(kept.all(query(nurse)).empty());
    BOOST_TEST(tells(faults(kept, juliet), "the block of entries that begins here is damaged"));
    kept.time().advance(1h);
    expire(kept, kept.time().wall() - 30min);
    BOOST_TEST(faults(kept, juliet).empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_head_is_made_anew_out_of_the_blocks)
{
    Damaged kept;
    prepare(kept);
    const ArchiveExtent extent = kept.get(juliet, kept.archive().extent(juliet));
    append(kept, juliet, 400, 10); // in the journal
    damage(kept, juliet, Table::archive_heads, 0);
    const ArchiveExtent found = kept.get(juliet, kept.archive().extent(juliet));
    BOOST_TEST((found.first == extent.first));
    BOOST_TEST(found.entries == 410U);
    BOOST_TEST(tells(faults(kept, juliet), "its head is damaged"));
    kept.fold(juliet);
    BOOST_TEST(kept.all(query(juliet)).size() == 410U);
    const auto after = faults(kept, juliet);
    BOOST_TEST(after.size() == 1U);
    BOOST_TEST(tells(after, "a damaged row of archive_heads was set aside"));
    kept.time().advance(48h);
    BOOST_TEST(expire(kept, kept.time().wall() - 24h) == 810U);
}

BOOST_AUTO_TEST_CASE(entries_with_a_party_are_found_in_the_blocks_where_their_list_is_damaged)
{
    for (const std::size_t number : {0U, 1U, 2U}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet, romeo));
        damage(kept, juliet, Table::archive_with, number);
        BOOST_TEST((kept.all(query(juliet, romeo)) == whole));
        BOOST_TEST((backwards(kept, query(juliet, romeo)) == whole));
        const auto found = kept.get(juliet, kept.archive().find_message(juliet, romeo, "m4"));
        BOOST_TEST(numbers(found) == std::vector<std::string>{"4"});
        BOOST_TEST(tells(faults(kept, juliet), "with one party is damaged from here on"));
        append(kept, juliet, 400, 100);
        kept.fold(juliet);
        BOOST_TEST(kept.all(query(juliet, romeo)).size() == whole.size() + 50);
        expect_whole(kept, nurse);
        kept.get(juliet, kept.archive().remove_before(juliet, whole[100].id));
        BOOST_TEST(kept.all(query(juliet, romeo)).size() == whole.size() - 50);
        kept.get(juliet, kept.archive().remove_before(juliet, ArchiveId::none));
        append(kept, juliet, 500, 10);
        kept.fold(juliet);
        BOOST_TEST(kept.all(query(juliet, romeo)).size() == 5U);
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_row_of_the_journal_is_set_aside_and_the_others_are_taken_up)
{
    Damaged kept;
    append(kept, juliet, 0, 10);
    append(kept, juliet, 10, 10);
    append(kept, nurse, 0, 10);
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        const Key first = keys(transaction, Table::archive_journal).front();
        std::string row{*transaction.get(Table::archive_journal, first)};
        row.resize(row.size() - 300); // the last two are no more
        transaction.put(Table::archive_journal, first, row);
    };
    kept.reopen();
    BOOST_TEST(kept.all(query(juliet)).size() == 18U);
    BOOST_TEST(kept.all(query(nurse)).size() == 10U);
    BOOST_TEST(tells(faults(kept, juliet), "a damaged row of archive_journal was set aside"));
    kept.fold(juliet);
    kept.fold(nurse);
    kept.reopen();
    BOOST_TEST(kept.all(query(juliet)).size() == 18U);
    BOOST_TEST(count_rows(kept, Table::archive_journal) == 0U);
}

BOOST_AUTO_TEST_CASE(ids_go_on_where_it_is_not_known_how_far_they_were_used)
{
    Damaged kept;
    prepare(kept);
    const ArchiveId last = kept.all(query(juliet)).back().id;
    kept.time().set_wall(kept.time().wall() - 48h);
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        transaction.put(Table::meta, Key{}.raw("archive_mark"), "damaged");
    };
    kept.reopen();
    append(kept, juliet, 400, 10);
    const auto all = kept.all(query(juliet));
    BOOST_TEST(all.size() == 410U);
    BOOST_TEST((all[400].id > last));
}

BOOST_AUTO_TEST_CASE(the_damaged_blocks_of_many_owners_expire_a_few_at_a_time)
{
    Damaged kept;
    for (unsigned i = 0; i < 40; ++i) {
        const std::string owner = "user" + std::to_string(i) + "@capulet.example";
        append(kept, owner, 0, 5);
        kept.fold(owner);
    }
    kept.time().advance(1h);
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        for (const Key& row : keys(transaction, Table::archive_blocks)) {
            transaction.put(Table::archive_blocks, row, "damaged");
        }
    };
    kept.reopen();
    const Clock::Wall before = kept.time().wall() - 30min;
    for (const std::uint64_t expected : {16, 16, 8, 0}) {
        const auto some = kept.get(juliet, kept.archive().expire("capulet.example", before));
        BOOST_TEST(some == expected);
    }
    BOOST_TEST(count_rows(kept, Table::archive_blocks) == 0U);
}

BOOST_AUTO_TEST_CASE(an_owner_whose_row_is_damaged_is_found_by_his_account)
{
    const auto spoilt_name = [](std::string row) { return row.replace(3, 1, "?"); };
    const auto spoilt_id = [](std::string row) { return row.substr(0, row.size() - 1); };
    for (const bool name : {false, true}) {
        Damaged kept;
        for (const std::string& owner : {juliet, nurse}) {
            kept.Machine::get(kept.accounts().create(Account{owner, "capulet.example", {}, {}}));
            append(kept, owner, 0, 10);
            kept.fold(owner);
        }
        ChangedBackend::before_open = [&](lmdb::WriteTransaction& transaction) {
            for (const Key& key : keys(transaction, Table::owners)) {
                const std::string row{*transaction.get(Table::owners, key)};
                transaction.put(Table::owners, key, name ? spoilt_name(row) : spoilt_id(row));
            }
        };
        kept.reopen();
        BOOST_TEST(kept.all(query(juliet)).size() == 10U);
        BOOST_TEST(kept.Machine::get(kept.accounts().find(juliet)).has_value());
        append(kept, juliet, 10, 10);
        kept.fold(juliet);
        const std::uint64_t damages = kept.storage().stats().damages;
        BOOST_TEST(kept.all(query(juliet)).size() == 20U);
        BOOST_TEST(kept.storage().stats().damages == damages); // his row is sound again
        BOOST_TEST(count_rows(kept, Table::owners) == 2U);
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_account_is_made_anew_with_a_new_password)
{
    Damaged kept;
    kept.Machine::get(kept.accounts().create(Account{juliet, "capulet.example", {}, {}}));
    append(kept, juliet, 0, 10);
    kept.fold(juliet);
    damage(kept, juliet, Table::accounts, 0);
    kept.Machine::get(kept.accounts().replace_credentials(juliet, {}));
    const auto account = kept.Machine::get(kept.accounts().find(juliet));
    BOOST_TEST_REQUIRE(account.has_value());
    BOOST_TEST(account->host == "capulet.example");
    BOOST_TEST(kept.all(query(juliet)).size() == 10U);
    kept.Machine::get(kept.accounts().remove(juliet));
    BOOST_TEST(count_rows(kept, Table::host_accounts) == 0U);
}

BOOST_AUTO_TEST_CASE(the_order_of_expiry_is_put_right_where_it_does_not_fit)
{
    Damaged kept;
    prepare(kept);
    change_rows(kept, juliet, Table::archive_heads, [](auto& transaction, const auto&) {
        const auto rows = keys(transaction, Table::archive_expiry);
        BytesReader first{rows.front().bytes()};
        const std::uint64_t host = first.u64();
        transaction.put(Table::archive_expiry, Key{host}.u64(1).u64(777), {}); // of nobody
    });
    kept.time().advance(48h);
    BOOST_TEST(expire(kept, kept.time().wall() - 24h) == 800U);
    BOOST_TEST(count_rows(kept, Table::archive_expiry) == 0U);
}

BOOST_AUTO_TEST_CASE(whatever_row_is_damaged_the_archives_of_others_stay_as_they_were)
{
    constexpr std::array tables{
        Table::archive_heads, Table::archive_blocks, Table::archive_with, Table::archive_refs};
    std::mt19937 random{1};
    for (int round = 0; round < 30; ++round) {
        Damaged kept;
        prepare(kept);
        append(kept, juliet, 400, 30);
        append(kept, nurse, 400, 30);
        const auto whole = kept.all(query(nurse));
        const Table table = tables[random() % tables.size()];
        change_rows(kept, juliet, table, [table, &random](auto& transaction, const auto& rows) {
            const Key row = rows[random() % rows.size()];
            std::string bytes{*transaction.get(table, row)};
            bytes.resize(bytes.size() - random() % (bytes.size() + 1));
            if (!bytes.empty()) {
                char& byte = bytes[random() % bytes.size()];
                byte = static_cast<char>(byte ^ (1 << random() % 8));
            }
            transaction.put(table, row, bytes);
        });
        BOOST_TEST_CONTEXT("round " << round << ", table " << static_cast<int>(table))
        {
            kept.all(query(juliet));
            backwards(kept, query(juliet, romeo));
            faults(kept, juliet);
            append(kept, juliet, 430, 70);
            kept.fold(juliet);
            append(kept, nurse, 430, 70);
            kept.fold(nurse);
            const auto now = kept.all(query(nurse));
            BOOST_TEST_REQUIRE(now.size() == whole.size() + 70);
            BOOST_TEST(std::ranges::equal(whole, std::span{now}.first(whole.size())));
            BOOST_TEST(faults(kept, nurse).size() <= 1U); // what was set aside
            kept.time().advance(48h);
            expire(kept, kept.time().wall() - 24h);
            BOOST_TEST(kept.all(query(nurse)).empty());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
