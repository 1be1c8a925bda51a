// SPDX-License-Identifier: Apache-2.0
// What a start makes of the journal, and what of an entry is left on the disk.
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "../../fake/clock.h"
#include "../files.h"
#include "../machine.h"
#include "../temporary.h"
#include "rows.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr unsigned owners = 7;

std::string owner(unsigned number)
{
    return "user" + std::to_string(number) + "@capulet.example";
}

/// An archive in a directory, on as many shards as are wanted.
class Store : public Machine {
public:
    Store(const std::string& directory, unsigned shards, const Clock& clock)
        : Machine{shards}
    {
        LmdbOptions options;
        options.directory = directory;
        options.map_size = std::uint64_t{1} << 28;
        options.shards = shards;
        auto storage = open_lmdb(options, workers(), clock);
        BOOST_TEST_REQUIRE(storage.has_value());
        storage_ = std::move(*storage);
    }

    ~Store()
    {
        wait(storage_->close());
        storage_.reset();
    }

    ArchiveStore& archive() { return storage_->archive(); }

    Storage& storage() { return *storage_; }

    /// Waits for a task on the owner's shard.
    template <class T>
    T get(unsigned number, Task<Result<T>> task)
    {
        Result<T> result = start(number % shards().size(), std::move(task)).get();
        BOOST_TEST_REQUIRE(result.has_value());
        if constexpr (!std::is_void_v<T>) {
            return std::move(result).value();
        }
    }

    ArchiveId append(unsigned number, const std::string& stanza)
    {
        const std::string name = owner(number);
        ArchiveDraft draft;
        draft.owner = name;
        draft.host = "capulet.example";
        draft.bucket = static_cast<std::uint16_t>(number);
        draft.stanza = stanza;
        const unsigned shard = number % shards().size();
        const ArchiveId id =
            shards().call(shard, [this, &draft] { return archive().append(draft).value().id; });
        start(shard, storage_->sync()).get().value();
        return id;
    }

    void append_many(unsigned number, int count)
    {
        const std::string name = owner(number);
        ArchiveDraft draft;
        draft.owner = name;
        draft.host = "capulet.example";
        draft.stanza = "<message/>";
        shards().call(0, [this, &draft, count] {
            for (int i = 0; i < count; ++i) {
                BOOST_TEST_REQUIRE(archive().append(draft).has_value());
            }
        });
        start(0, storage_->sync()).get().value();
    }

    void fold(unsigned number)
    {
        get(number, archive().replace(owner(number), ArchiveId::none, {}));
    }

    std::vector<std::string> stanzas(unsigned number)
    {
        ArchiveQuery query;
        query.owner = owner(number);
        query.limit = 1000;
        std::vector<std::string> stanzas;
        for (const ArchiveEntry& entry : get(number, archive().read(query)).entries) {
            stanzas.push_back(entry.stanza);
        }
        return stanzas;
    }

private:
    std::unique_ptr<Storage> storage_;
};

void damage_first_block(const std::string& directory)
{
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory));
    BOOST_TEST_REQUIRE(environment.has_value());
    MDB_txn* begun = nullptr;
    BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
    lmdb::WriteTransaction transaction{**environment, begun};
    lmdb::Key key;
    {
        lmdb::Cursor cursor{transaction, lmdb::Table::archive_blocks, lmdb::Key{}};
        BOOST_TEST_REQUIRE(cursor.next());
        key.raw(cursor.key());
    }
    transaction.put(lmdb::Table::archive_blocks, key, "damaged");
    BOOST_TEST_REQUIRE(mdb_txn_commit(begun) == 0);
}

/// A database as schema 2 or 3 made it, with a row of the journal.
void make_older(const std::string& directory, std::uint8_t schema, Clock::Wall time)
{
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory));
    BOOST_TEST_REQUIRE(environment.has_value());
    MDB_txn* begun = nullptr;
    BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
    lmdb::WriteTransaction transaction{**environment, begun};
    BytesWriter row;
    row.u8(static_cast<std::uint8_t>(schema - 1));
    for (const std::string stanza : {"<message n='1'/>", "<message n='2'/>"}) {
        row.u64(static_cast<std::uint64_t>(bound_of(time)) + stanza[12]);
        if (schema > 2) {
            row.u8(static_cast<std::uint8_t>(EntryRole::received));
        }
        row.string(owner(0)).string("capulet.example").string("session").varint(7);
        row.string("romeo@montague.example").string("").string("").string("").string(stanza);
    }
    BytesWriter version;
    transaction.put(lmdb::Table::archive_journal, lmdb::Key{std::uint64_t{1}}, row.bytes());
    transaction.put(lmdb::Table::meta, lmdb::Key{}.raw("schema"), version.u64(schema).bytes());
    BOOST_TEST_REQUIRE(mdb_txn_commit(begun) == 0);
}

/// Makes a table that none of ours is, with a row.
void add_table(const std::string& directory, const char* name)
{
    MDB_env* env = nullptr;
    MDB_txn* begun = nullptr;
    MDB_dbi table = 0;
    MDB_val value{3, const_cast<char*>("one")};
    BOOST_TEST_REQUIRE(mdb_env_create(&env) == 0);
    BOOST_TEST_REQUIRE(mdb_env_set_maxdbs(env, 1) == 0);
    BOOST_TEST_REQUIRE(mdb_env_open(env, directory.c_str(), 0, 0600) == 0);
    BOOST_TEST_REQUIRE(mdb_txn_begin(env, nullptr, 0, &begun) == 0);
    BOOST_TEST_REQUIRE(mdb_dbi_open(begun, name, MDB_CREATE, &table) == 0);
    BOOST_TEST_REQUIRE(mdb_put(begun, table, &value, &value, 0) == 0);
    BOOST_TEST_REQUIRE(mdb_txn_commit(begun) == 0);
    mdb_env_close(env);
}

bool has_table(const std::string& directory, const char* name)
{
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory));
    BOOST_TEST_REQUIRE(environment.has_value());
    MDB_txn* begun = nullptr;
    BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
    MDB_dbi root = 0;
    MDB_val key{std::string_view{name}.size(), const_cast<char*>(name)};
    MDB_val value;
    BOOST_TEST_REQUIRE(mdb_dbi_open(begun, nullptr, 0, &root) == 0);
    const bool found = mdb_get(begun, root, &key, &value) == 0;
    mdb_txn_abort(begun);
    return found;
}

std::size_t largest_row(const std::string& directory, lmdb::Table table)
{
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory));
    BOOST_TEST_REQUIRE(environment.has_value());
    MDB_txn* begun = nullptr;
    BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
    lmdb::ReadTransaction transaction{**environment, begun};
    std::size_t largest = 0;
    {
        lmdb::Cursor cursor{transaction, table, lmdb::Key{}};
        while (cursor.next()) {
            largest = std::max(largest, cursor.value().size());
        }
    }
    mdb_txn_abort(begun);
    return largest;
}

std::size_t count_rows(const std::string& directory, lmdb::Table table)
{
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory));
    BOOST_TEST_REQUIRE(environment.has_value());
    MDB_txn* begun = nullptr;
    BOOST_TEST_REQUIRE(mdb_txn_begin((*environment)->handle(), nullptr, 0, &begun) == 0);
    lmdb::ReadTransaction transaction{**environment, begun};
    std::size_t count = 0;
    {
        lmdb::Cursor cursor{transaction, table, lmdb::Key{}};
        while (cursor.next()) {
            ++count;
        }
    }
    mdb_txn_abort(begun);
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_journal)

BOOST_AUTO_TEST_CASE(the_number_of_shards_may_change_between_starts)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    std::vector<std::string> expected;
    int number = 0;
    for (const unsigned shards : {1U, 3U, 2U, 1U, 4U}) {
        Store store{directory.path(), shards, clock};
        for (unsigned i = 0; i < owners; ++i) {
            BOOST_TEST(store.stanzas(i) == expected, boost::test_tools::per_element());
        }
        for (int k = 0; k < 3; ++k) {
            expected.push_back("<message n='" + std::to_string(++number) + "'/>");
            for (unsigned i = 0; i < owners; ++i) {
                store.append(i, expected.back());
            }
        }
        store.fold(number % owners);
        for (unsigned i = 0; i < owners; ++i) {
            BOOST_TEST(store.stanzas(i) == expected, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(the_journals_of_older_schemas_are_taken_over)
{
    for (const std::uint8_t schema : {std::uint8_t{2}, std::uint8_t{3}}) {
        const TemporaryDirectory directory;
        const ManualClock clock;
        make_older(directory.path(), schema, clock.wall());
        Store store{directory.path(), 1, clock};
        const std::vector<std::string> expected{"<message n='1'/>", "<message n='2'/>"};
        BOOST_TEST(store.stanzas(0) == expected, boost::test_tools::per_element());
        store.fold(0);
        BOOST_TEST(store.stanzas(0) == expected, boost::test_tools::per_element());
        BOOST_TEST(store.storage().stats().damages == 0U);
    }
}

BOOST_AUTO_TEST_CASE(what_came_last_of_a_source_is_forgotten_with_schema_3)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    make_older(directory.path(), 3, clock.wall());
    add_table(directory.path(), "archive_sources");
    BOOST_TEST(!has_table(directory.path(), "archive_sources")); // it was opened to be looked at
    BOOST_TEST(has_table(directory.path(), "archive_journal"));
}

BOOST_AUTO_TEST_CASE(what_was_migrated_can_be_opened_anew_when_its_disk_has_failed)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    make_older(directory.path(), 3, clock.wall());
    add_table(directory.path(), "archive_sources");
    const auto environment = lmdb::Environment::open(lmdb::small_options(directory.path()));
    BOOST_TEST_REQUIRE(environment.has_value());
    BOOST_TEST((*environment)->renew());
}

BOOST_AUTO_TEST_CASE(a_shard_to_which_nothing_comes_empties_its_journal)
{
    const TemporaryDirectory directory;
    ManualClock clock;
    const auto settled = [&](std::chrono::seconds silence) {
        Store store{directory.path(), 1, clock};
        store.append(0, "<message/>");
        const auto commits = store.storage().stats().commits;
        clock.advance(silence);
        // The shard looks every two seconds by its own clock.
        const auto until = std::chrono::steady_clock::now() + (silence > 0s ? 60s : 3s);
        while (store.storage().stats().commits == commits &&
               std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(10ms);
        }
    };
    settled(0s);
    BOOST_TEST(largest_row(directory.path(), lmdb::Table::archive_journal) > 0U);
    settled(61s);
    BOOST_TEST(largest_row(directory.path(), lmdb::Table::archive_journal) == 0U);
}

BOOST_AUTO_TEST_CASE(a_replaced_stanza_is_in_no_row_of_the_database)
{
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    const ManualClock clock;
    const std::string secret = "the friar has a potion";
    const std::string copy = elsewhere / "copy"; // of rows alone: freed pages are left out
    const auto copied = [&copy](Store& store) {
        store.get(0, store.storage().backup(copy));
        return read(copy);
    };
    ArchiveId id = ArchiveId::none;
    {
        Store store{directory.path(), 1, clock};
        store.append(1, "keeps the row of the journal");
        id = store.append(0, secret);
        BOOST_TEST(copied(store).find(secret) != std::string::npos);
        BOOST_TEST(store.get(0, store.archive().replace(owner(0), id, "gone")));
        BOOST_TEST(copied(store).find(secret) == std::string::npos);
    }
    Store store{directory.path(), 1, clock};
    BOOST_TEST(copied(store).find(secret) == std::string::npos);
    BOOST_TEST(store.stanzas(0) == std::vector<std::string>{"gone"});
    BOOST_TEST(store.stanzas(1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_restored_archive_gives_no_id_that_was_given_after_its_backup)
{
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    ManualClock clock;
    const std::string copy = elsewhere / "copy";
    std::set<ArchiveId> ids;
    {
        Store store{directory.path(), 1, clock};
        ids.insert(store.append(0, "before"));
        store.get(0, store.storage().backup(copy));
        clock.advance(1h);
        for (int i = 0; i < 100; ++i) {
            ids.insert(store.append(0, "after"));
        }
    }
    const Result<void> restored = restore_lmdb(copy, directory.path(), Existing::replace, clock);
    BOOST_TEST_REQUIRE(restored.has_value());
    clock.set_wall(clock.wall() - 1h);
    Store store{directory.path(), 1, clock};
    BOOST_TEST(store.stanzas(0) == std::vector<std::string>{"before"});
    for (int i = 0; i < 100; ++i) {
        const ArchiveId id = store.append(0, "again");
        BOOST_TEST(ids.insert(id).second);
        BOOST_TEST((id > *ids.begin()));
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_block_harms_no_other_entries)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    {
        Store store{directory.path(), 1, clock};
        for (unsigned i = 0; i < 2; ++i) {
            store.append(i, "one");
            store.fold(i);
        }
    }
    damage_first_block(directory.path());
    Store store{directory.path(), 1, clock};
    ArchiveId id = ArchiveId::none;
    for (unsigned i = 0; i < 2; ++i) {
        id = store.append(i, "two");
        store.fold(i);
        const auto found = store.get(i, store.archive().find(owner(i), {id}));
        BOOST_TEST_REQUIRE(found.size() == 1U);
        BOOST_TEST(found[0].stanza == "two");
    }
    BOOST_TEST(
        store.stanzas(1) == std::vector<std::string>({"one", "two"}),
        boost::test_tools::per_element());
    BOOST_TEST(store.stanzas(0) == std::vector<std::string>{"two"});
    BOOST_TEST(store.storage().stats().damages > 0U);
}

BOOST_AUTO_TEST_CASE(no_row_is_large_however_many_entries_were_folded_at_once)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    {
        Store store{directory.path(), 1, clock};
        store.append_many(0, 5000);
        store.fold(0);
    }
    for (const auto table : {lmdb::Table::archive_with, lmdb::Table::archive_blocks}) {
        const std::size_t largest = largest_row(directory.path(), table);
        BOOST_TEST(largest > 10U);
        BOOST_TEST(largest < 10'000U);
    }
}

BOOST_AUTO_TEST_CASE(what_a_removed_account_alone_had_in_the_journal_leaves_it_at_once)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    {
        Store store{directory.path(), 1, clock};
        store.get(
            0, store.storage().accounts().create(Account{owner(0), "capulet.example", {}, {}}));
        store.append(0, "one");
        store.append(0, "two");
        store.append(1, "of another");
        store.get(0, store.storage().accounts().remove(owner(0)));
        store.get(0, store.storage().sync()); // what the forgetting asked for
    }
    BOOST_TEST(count_rows(directory.path(), lmdb::Table::archive_journal) == 1U);
    Store store{directory.path(), 1, clock};
    BOOST_TEST(store.stanzas(0).empty());
    BOOST_TEST(store.stanzas(1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_journal_does_not_grow_for_ever)
{
    const TemporaryDirectory directory;
    const ManualClock clock;
    Store store{directory.path(), 1, clock};
    std::uint64_t used = 0;
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 200; ++i) {
            store.append(0, std::string(1000, 'x')); // packs to nearly nothing
        }
        if (round == 2) {
            used = store.storage().stats().used_bytes;
        }
    }
    BOOST_TEST(store.storage().stats().used_bytes < used + (std::uint64_t{256} << 10));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
