// SPDX-License-Identifier: Apache-2.0
// Rows of rooms: what a crash leaves of an erased one, what is damaged, what an older schema lacks,
// backups.
#include "base/bytes.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/reader.h"
#include "store/lmdb/room_index.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <array>
#include <string>
#include <vector>

#include "../backends.h"
#include "changed.h"

namespace sarang {
namespace {

using lmdb::Key;
using lmdb::Table;
using Changed = Kept<ChangedBackend>;

constexpr const char* host = "chat.shakespeare.example";
constexpr const char* garden = "garden@chat.shakespeare.example";
constexpr const char* balcony = "balcony@chat.shakespeare.example";
constexpr const char* juliet = "juliet@capulet.example";

constexpr std::array tables{
    Table::rooms,
    Table::room_order,
    Table::room_totals,
    Table::room_affiliations,
    Table::room_accounts,
    Table::room_gone,
    Table::room_past,
    Table::room_past_order,
};

void make(Changed& kept, const char* room, int members)
{
    kept.get(kept.rooms().put(room, RoomHead{host, "title", true, "config", "state"}));
    std::vector<StoredAffiliation> affiliations{{juliet, "owner"}};
    for (int i = 1; i < members; ++i) {
        affiliations.push_back({"m" + std::to_string(i) + "@capulet.example", "member"});
    }
    kept.get(kept.rooms().put_affiliations(room, affiliations));
}

/// How many rows each of the tables has.
std::vector<std::size_t> sizes(Changed& kept)
{
    std::vector<std::size_t> sizes;
    ChangedBackend::before_open = [&sizes](lmdb::WriteTransaction& transaction) {
        for (const Table table : tables) {
            sizes.push_back(keys(transaction, table).size());
        }
    };
    kept.reopen();
    return sizes;
}

void expect_one_room_of_three(Changed& kept, std::size_t erased)
{
    const std::vector<std::size_t> expected{1, 2, 1, 3, 3, 0, erased, erased};
    BOOST_TEST(sizes(kept) == expected, boost::test_tools::per_element());
    const auto stored = kept.get(kept.rooms().load(balcony));
    BOOST_TEST_REQUIRE(stored.has_value());
    BOOST_TEST(stored->affiliations.size() == 3U);
    const auto rooms = kept.get(kept.rooms().affiliations_of(juliet, host, "", 10));
    BOOST_TEST((rooms == std::vector<StoredAffiliation>{{balcony, "owner"}}));
}

/// Damages all rows of a table.
void damage(Changed& kept, Table table)
{
    ChangedBackend::before_open = [table](lmdb::WriteTransaction& transaction) {
        const auto rows = keys(transaction, table);
        BOOST_TEST_REQUIRE(!rows.empty());
        for (const Key& row : rows) {
            transaction.put(table, row, "damaged");
        }
    };
    kept.reopen();
}

constexpr Condition broken = Condition::internal_server_error;

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_rooms)

BOOST_AUTO_TEST_CASE(an_erased_room_leaves_nothing_but_its_place)
{
    Changed kept;
    make(kept, garden, 5000);
    make(kept, balcony, 3);
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    expect_one_room_of_three(kept, 1);
}

BOOST_AUTO_TEST_CASE(what_is_taken_away_leaves_no_row)
{
    Changed kept;
    make(kept, garden, 3);
    kept.get(kept.rooms().put_affiliations(garden, {{juliet, "member"}, {juliet, ""}}));
    kept.get(kept.rooms().put(garden, RoomHead{host, "title", false, "", ""}));
    const std::vector<std::size_t> expected{1, 1, 1, 2, 2, 0, 0, 0};
    BOOST_TEST(sizes(kept) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_room_whose_row_is_damaged_is_not_described)
{
    Changed kept;
    make(kept, garden, 1);
    make(kept, balcony, 1);
    BOOST_TEST(kept.get(kept.rooms().describe_listed(host, "", 10)).rooms.size() == 2U);
    damage(kept, Table::rooms);
    const DescribedRooms page = kept.get(kept.rooms().describe_listed(host, "", 10));
    BOOST_TEST((page.rooms.empty() && page.complete));
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_of_a_room_is_erased_at_the_next_start)
{
    Changed kept;
    make(kept, garden, 5000);
    make(kept, balcony, 3);
    // As far as the first step goes.
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        BOOST_TEST(lmdb::remove_room(transaction, garden));
        BOOST_TEST(lmdb::erase_affiliations(transaction));
        BOOST_TEST(keys(transaction, Table::room_affiliations).size() > 3000U);
        BOOST_TEST(keys(transaction, Table::room_gone).size() == 1U);
    };
    kept.reopen();
    BOOST_TEST(!kept.get(kept.rooms().load(garden)).has_value());
    expect_one_room_of_three(kept, 1);
}

BOOST_AUTO_TEST_CASE(a_namesake_has_nothing_of_what_is_still_being_erased)
{
    lmdb::Rows rows;
    lmdb::WriteTransaction& transaction = rows.transaction();
    const RoomHead head{host, "", true, "", ""};
    lmdb::put_room(transaction, garden, head);
    std::vector<StoredAffiliation> changes;
    for (int i = 0; i < 3000; ++i) {
        changes.push_back({std::to_string(i), "member"});
    }
    BOOST_TEST(lmdb::put_affiliations(transaction, garden, changes));
    const auto old = lmdb::find_room(transaction, garden).row;
    BOOST_TEST_REQUIRE(old.has_value());
    const std::uint64_t old_id = old->id;
    BOOST_TEST(lmdb::remove_room(transaction, garden));
    BOOST_TEST(lmdb::erase_affiliations(transaction));
    lmdb::put_room(transaction, garden, head);
    BOOST_TEST(lmdb::put_affiliations(transaction, garden, {{juliet, "owner"}}));
    const auto fresh = lmdb::find_room(transaction, garden).row;
    BOOST_TEST_REQUIRE(fresh.has_value());
    const std::uint64_t id = fresh->id;
    BOOST_TEST(id > old_id);
    BOOST_TEST(keys(transaction, Table::room_affiliations, Key{id}).size() == 1U);
    while (lmdb::erase_affiliations(transaction)) {
    }
    BOOST_TEST(keys(transaction, Table::room_affiliations).size() == 1U);
    BOOST_TEST(keys(transaction, Table::room_accounts).size() == 1U);
    BOOST_TEST(transaction.code() == 0);
}

BOOST_AUTO_TEST_CASE(a_room_whose_row_is_damaged_is_refused_and_not_made_anew)
{
    Changed kept;
    make(kept, garden, 1);
    damage(kept, Table::rooms);
    BOOST_TEST((kept.refused(kept.rooms().load(garden)) == broken));
    BOOST_TEST((kept.refused(kept.rooms().erase(garden)) == broken));
    auto put = kept.rooms().put(garden, RoomHead{host, "", true, "", ""});
    BOOST_TEST((kept.refused(std::move(put)) == broken));
    auto change = kept.rooms().put_affiliations(garden, {{juliet, ""}});
    BOOST_TEST((kept.refused(std::move(change)) == broken));
    BOOST_TEST((kept.refused(kept.rooms().list(host, garden, 1, true)) == broken));
    BOOST_TEST(kept.storage().stats().damages >= 5U);
    // Others are as they were.
    make(kept, balcony, 2);
    BOOST_TEST(kept.get(kept.rooms().load(balcony)).has_value());
    BOOST_TEST(kept.get(kept.rooms().list(host, "", 10, true)).rooms.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_room_with_a_damaged_affiliation_is_refused_and_can_be_erased)
{
    Changed kept;
    make(kept, garden, 2000);
    damage(kept, Table::room_affiliations);
    make(kept, balcony, 3);
    BOOST_TEST((kept.refused(kept.rooms().load(garden)) == broken));
    BOOST_TEST(kept.storage().stats().damages > 0U);
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    expect_one_room_of_three(kept, 1);
}

BOOST_AUTO_TEST_CASE(a_damaged_listing_is_left_out_and_mended_by_the_next_title)
{
    Changed kept;
    make(kept, garden, 1);
    damage(kept, Table::room_order);
    make(kept, balcony, 3);
    const std::vector<RoomListing> others{{balcony, "title"}};
    BOOST_TEST((kept.get(kept.rooms().list(host, "", 10, true)).rooms == others));
    BOOST_TEST((kept.get(kept.rooms().list(host, "", 10, false)).rooms == others));
    BOOST_TEST(kept.storage().stats().damages == 2U);
    const auto rooms = kept.get(kept.rooms().affiliations_of(juliet, host, "", 10));
    BOOST_TEST((rooms == std::vector<StoredAffiliation>{{balcony, "owner"}}));
    kept.get(kept.rooms().put(garden, RoomHead{host, "new", true, "", ""}));
    BOOST_TEST(kept.get(kept.rooms().list(host, "", 10, true)).rooms.size() == 2U);
}

BOOST_AUTO_TEST_CASE(damaged_numbers_are_counted_again)
{
    Changed kept;
    make(kept, garden, 1);
    kept.get(kept.rooms().put(balcony, RoomHead{host, "", false, "", ""}));
    damage(kept, Table::room_totals);
    BOOST_TEST((kept.refused(kept.rooms().count(host, false)) == broken));
    kept.get(kept.rooms().put("hall@chat.shakespeare.example", RoomHead{host, "", true, "", ""}));
    BOOST_TEST(kept.get(kept.rooms().count(host, false)) == 3U);
    BOOST_TEST(kept.get(kept.rooms().count(host, true)) == 2U);
}

BOOST_AUTO_TEST_CASE(damaged_places_of_erased_rooms_harm_nobody)
{
    Changed kept;
    make(kept, garden, 1);
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    damage(kept, Table::room_past);
    damage(kept, Table::room_past_order);
    auto list = kept.rooms().list(host, garden, 10, false);
    BOOST_TEST((kept.refused(std::move(list)) == Condition::item_not_found));
    std::vector<std::future<Result<bool>>> erasures;
    for (int i = 0; i < 1100; ++i) {
        const RoomHead head{host, "", true, "", ""};
        kept.start(0, kept.rooms().put(balcony, head));
        erasures.push_back(kept.start(0, kept.rooms().erase(balcony)));
    }
    for (auto& erasure : erasures) {
        BOOST_TEST_REQUIRE(erasure.get().value());
    }
    BOOST_TEST(kept.get(kept.rooms().list(host, balcony, 10, false)).complete);
}

BOOST_AUTO_TEST_CASE(a_database_of_schema_4_gets_rooms_and_keeps_what_it_has)
{
    const TemporaryDirectory directory;
    Machine machine;
    LmdbOptions options = lmdb::small_options(directory.path());
    options.shards = machine.shards().size();
    {
        const auto environment = lmdb::Environment::open(options);
        BOOST_TEST_REQUIRE(environment.has_value());
        MDB_txn* begun = nullptr;
        BOOST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
        lmdb::WriteTransaction transaction{**environment, begun};
        lmdb::need_owner(transaction, juliet);
        BytesWriter schema;
        transaction.put(Table::meta, Key{}.raw("schema"), schema.u64(4).bytes());
        for (const Table table : tables) {
            BOOST_REQUIRE(mdb_drop(begun, (*environment)->table(table), 1) == 0);
        }
        BOOST_REQUIRE(mdb_txn_commit(begun) == 0);
    }
    auto storage = open_lmdb(options, machine.workers(), machine.clock());
    BOOST_TEST_REQUIRE(storage.has_value());
    machine.get((*storage)->rooms().put(garden, RoomHead{host, "", true, "", ""}));
    BOOST_TEST(machine.get((*storage)->rooms().load(garden)).has_value());
    machine.wait((*storage)->close());
    storage->reset();
    const auto environment = lmdb::Environment::open(options);
    BOOST_TEST_REQUIRE(environment.has_value());
    const auto known = [](lmdb::ReadTransaction& transaction) -> Result<bool> {
        BytesReader schema{
            transaction.get(Table::meta, Key{}.raw("schema")).value_or(std::string_view{})};
        return lmdb::find_owner(transaction, juliet).has_value() && schema.u64() == 6;
    };
    lmdb::Reader reader{**environment};
    BOOST_TEST(reader.read(known).value());
}

BOOST_AUTO_TEST_CASE(rooms_are_in_a_backup)
{
    Changed kept;
    make(kept, garden, 100);
    make(kept, balcony, 3);
    BOOST_TEST(kept.get(kept.rooms().erase(garden)));
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    make(kept, garden, 5); // after it
    LmdbOptions options = lmdb::small_options(kept.directory() / "restored");
    options.shards = kept.shards().size();
    BOOST_TEST(restore_lmdb(file, options.directory, Existing::refuse, kept.time()).has_value());
    auto storage = open_lmdb(options, kept.workers(), kept.time());
    BOOST_TEST_REQUIRE(storage.has_value());
    RoomStore& rooms = (*storage)->rooms();
    BOOST_TEST(!kept.get(rooms.load(garden)).has_value());
    const auto stored = kept.get(rooms.load(balcony));
    BOOST_TEST_REQUIRE(stored.has_value());
    BOOST_TEST(stored->config == "config");
    BOOST_TEST(stored->state == "state");
    BOOST_TEST(stored->affiliations.size() == 3U);
    const std::vector<RoomListing> listed{{balcony, "title"}};
    BOOST_TEST((kept.get(rooms.list(host, garden, 10, true)).rooms == listed));
    BOOST_TEST(kept.get(rooms.count(host, true)) == 1U);
    kept.wait((*storage)->close());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
