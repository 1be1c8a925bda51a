// SPDX-License-Identifier: Apache-2.0
// Rows of the inbox that are damaged: the others are there, and it becomes whole again.
#include "store/lmdb/archive_inbox.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "rows.h"

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t owner = 7;

BlockEntry received(std::string_view with, std::uint64_t id)
{
    BlockEntry entry;
    entry.id = ArchiveId{id};
    entry.with = with;
    entry.role = EntryRole::received;
    return entry;
}

void add(WriteTransaction& transaction, const std::vector<BlockEntry>& entries)
{
    add_to_inbox(transaction, owner, entries);
}

// Whom the inbox names, the newest first.
std::vector<std::string> walk(ReadTransaction& transaction, bool unread_only = false)
{
    std::vector<std::string> parties;
    InboxWalk walk{transaction, owner, unread_only};
    for (bool more = walk.seek_below(ArchiveId::none); more; more = walk.previous()) {
        if (const auto row = walk.row()) {
            parties.push_back(row->with());
        }
    }
    return parties;
}

// Leaves of the conversation that stands first in the table no more than whose it is.
std::string damage_first(WriteTransaction& transaction)
{
    Key key;
    std::string with;
    {
        Cursor cursor{transaction, Table::inbox, Key{owner}};
        BOOST_TEST_REQUIRE(cursor.next());
        key = Key{}.raw(cursor.key());
        with = InboxRow::decode(cursor.value()).value().with();
    }
    BytesWriter left;
    transaction.put(Table::inbox, key, left.u8(1).string(with).bytes());
    return with;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_inbox)

BOOST_AUTO_TEST_CASE(a_damaged_conversation_is_left_out_and_begins_anew)
{
    Rows rows;
    WriteTransaction& transaction = rows.transaction();
    add(transaction, {received("a", 1), received("b", 2), received("c", 3), received("a", 4)});
    BOOST_TEST((walk(transaction) == std::vector<std::string>{"a", "c", "b"}));
    const std::string damaged = damage_first(transaction);
    BOOST_TEST(walk(transaction).size() == 2U);
    BOOST_TEST(!find_inbox_row(transaction, owner, damaged).has_value());
    add(transaction, {received(damaged, 5)});
    for (const bool unread_only : {false, true}) {
        const auto parties = walk(transaction, unread_only);
        BOOST_TEST_REQUIRE(parties.size() == 3U);
        BOOST_TEST(parties.front() == damaged);
    }
    const std::uint64_t lost = damaged == "a" ? 2 : 1;
    BOOST_TEST((inbox_totals(transaction, owner) == InboxTotals{3, 3, 5 - lost, 0}));
    BOOST_TEST(transaction.code() == 0);
}

BOOST_AUTO_TEST_CASE(damaged_totals_are_counted_anew)
{
    Rows rows;
    WriteTransaction& transaction = rows.transaction();
    add(transaction, {received("a", 1), received("b", 2)});
    transaction.put(Table::inbox_heads, Key{owner}, "damaged");
    BOOST_TEST((inbox_totals(transaction, owner) == InboxTotals{2, 2, 2, 0}));
    add(transaction, {received("a", 3)});
    BOOST_TEST((inbox_totals(transaction, owner) == InboxTotals{2, 2, 3, 0}));
    BOOST_TEST(transaction.code() == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_an_empty_inbox)
{
    Rows rows;
    WriteTransaction& transaction = rows.transaction();
    const std::vector entries{received("a", 1), received("b", 2)};
    add(transaction, entries);
    drop_from_inbox(transaction, owner, entries);
    for (const Table table : {Table::inbox_heads, Table::inbox, Table::inbox_order}) {
        BOOST_TEST(!transaction.any(table, Key{owner}));
    }
}

BOOST_AUTO_TEST_CASE(what_is_swept_is_no_more_unread_and_the_rest_is)
{
    Rows rows;
    WriteTransaction& transaction = rows.transaction();
    transaction.put(Table::archive_blocks, Key{owner}.u64(3), "a block");
    add(transaction, {received("a", 1), received("b", 2), received("a", 3), received("c", 4)});
    sweep_inbox(transaction, owner, ArchiveId{3});
    BOOST_TEST((walk(transaction) == std::vector<std::string>{"c", "a"}));
    BOOST_TEST((walk(transaction, true) == std::vector<std::string>{"c", "a"}));
    BOOST_TEST((inbox_totals(transaction, owner) == InboxTotals{2, 2, 2, 0}));
    transaction.erase(Table::archive_blocks, Key{owner}.u64(3));
    sweep_inbox(transaction, owner, ArchiveId{4});
    for (const Table table : {Table::inbox_heads, Table::inbox, Table::inbox_order}) {
        BOOST_TEST(!transaction.any(table, Key{owner}));
    }
    BOOST_TEST(transaction.code() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
