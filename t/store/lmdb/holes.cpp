// SPDX-License-Identifier: Apache-2.0
// What is free in the files of a running database is given back to the file system.
#include "store/lmdb/holes.h"

#include "store/lmdb/group.h"
#include "store/lmdb/reader.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "../archives.h"
#include "faults.h"
#include "holed.h"
#include "rows.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* nurse = "nurse@capulet.example";
constexpr const char* host = "capulet.example";

class Stored : public Archives<LmdbBackend> {
public:
    std::string database() const { return directory() / "store/data.mdb"; }

    /// Text that takes its room.
    static std::string stanza(std::uint64_t number)
    {
        std::string text;
        for (std::uint64_t word = number; text.size() < 2000;
             word = word * 6364136223846793005U + 1) {
            text += std::to_string(word);
        }
        return text;
    }

    /// Appends numbered entries, and has them folded.
    void keep(const std::string& owner, std::uint64_t first, std::uint64_t count)
    {
        for (std::uint64_t i = first; i < first + count; i += 100) {
            std::vector<Draft> drafts;
            for (std::uint64_t number = i; number < i + 100; ++number) {
                drafts.push_back(
                    Draft{owner, "romeo@montague.example", {}, {}, {}, stanza(number)});
            }
            append(drafts);
        }
        fold(owner);
    }

    void expire_all_so_far()
    {
        time().advance(24h);
        const Clock::Wall before = time().wall() - 1h;
        while (Machine::get(archive().expire(host, before)) > 0) {
        }
    }

    /// Whether an owner has the entries of these numbers and no others.
    bool has_exactly(const std::string& owner, std::uint64_t first, std::uint64_t count)
    {
        ArchiveQuery query;
        query.owner = owner;
        query.limit = 500;
        const std::vector<ArchiveEntry> entries = all(query);
        bool same = entries.size() == count;
        for (std::size_t i = 0; same && i < entries.size(); ++i) {
            same = entries[i].stanza == stanza(first + i);
        }
        return same;
    }

    StorageCompaction compact() { return Machine::get(storage().compact()); }
};

struct Filled : Stored {
    Filled()
    {
        keep(juliet, 0, 5000);
        keep(nurse, 0, 1000);
        expire_all_so_far();
        keep(juliet, 5000, 500);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_holes)

BOOST_FIXTURE_TEST_CASE(
    what_expired_takes_no_room_on_the_disk_any_more,
    Filled,
    *boost::unit_test::precondition(has_holes))
{
    const std::uint64_t before = disk_bytes(database());
    const StorageCompaction done = compact();
    const std::uint64_t after = disk_bytes(database());
    BOOST_TEST(done.given_back > 5'000'000U);
    BOOST_TEST(after < before - 5'000'000U);
    BOOST_TEST(done.space.disk < done.space.bytes - 5'000'000U);
    BOOST_TEST(done.space.free_on_disk() < 300'000U);
    BOOST_TEST(storage().stats().disk_bytes == after);
    BOOST_TEST(has_exactly(juliet, 5000, 500));
    BOOST_TEST(has_exactly(nurse, 0, 0));
    BOOST_TEST(compact().given_back < 300'000U); // there is nothing left to give

    reopen();
    BOOST_TEST(has_exactly(juliet, 5000, 500));
    keep(juliet, 5500, 3000); // into the holes
    reopen();
    BOOST_TEST(has_exactly(juliet, 5000, 3500));
}

BOOST_FIXTURE_TEST_CASE(
    the_file_with_holes_is_made_shorter_while_closed,
    Filled,
    *boost::unit_test::precondition(has_holes))
{
    compact();
    const std::string store = directory() / "store";
    while_closed([&] {
        const auto before = std::filesystem::file_size(database());
        BOOST_TEST_REQUIRE(compact_lmdb(store).has_value());
        BOOST_TEST(std::filesystem::file_size(database()) < before - 5'000'000U);
    });
    BOOST_TEST(has_exactly(juliet, 5000, 500));
}

BOOST_FIXTURE_TEST_CASE(
    a_backup_beside_it_is_whole, Filled, *boost::unit_test::precondition(has_holes))
{
    const std::string file = directory() / "backup";
    auto backup = start(1, storage().backup(file));
    compact();
    BOOST_TEST(backup.get().has_value());
    compact();
    BOOST_TEST_REQUIRE(Machine::wait(storage().backup(file)).has_value());
    while_closed([&] {
        const std::string store = directory() / "store";
        BOOST_TEST_REQUIRE(restore_lmdb(file, store, Existing::replace, time()).has_value());
    });
    BOOST_TEST(has_exactly(juliet, 5000, 500));
}

BOOST_FIXTURE_TEST_CASE(
    others_write_and_read_meanwhile, Stored, *boost::unit_test::precondition(has_holes))
{
    std::uint64_t given_back = 0;
    for (std::uint64_t round = 0; round < 6; ++round) {
        std::atomic<bool> writing{true};
        auto compacting = std::async(std::launch::async, [&] {
            std::uint64_t bytes = 0;
            while (writing) {
                bytes += Machine::get(storage().compact()).given_back;
            }
            return bytes;
        });
        keep(juliet, round * 1000, 1000);
        BOOST_TEST(has_exactly(juliet, round * 1000, 1000));
        keep(nurse, 0, 500);
        expire_all_so_far();
        BOOST_TEST(has_exactly(juliet, 0, 0));
        writing = false;
        given_back += compacting.get();
    }
    given_back += compact().given_back;
    BOOST_TEST(given_back > 3'000'000U);
    keep(nurse, 0, 1000);
    reopen();
    BOOST_TEST(has_exactly(nurse, 0, 1000));
    BOOST_TEST(has_exactly(juliet, 0, 0));
}

BOOST_FIXTURE_TEST_CASE(a_file_system_without_holes_is_told_of, Filled)
{
    Faults faults;
    faults.refuse_holes(EOPNOTSUPP);
    const auto refused = Machine::wait(storage().compact());
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().condition == Condition::feature_not_implemented));
    BOOST_TEST(refused.error().text.find("sarangd --compact") != std::string::npos);
    faults.refuse_holes(EIO);
    BOOST_TEST((Machine::refused(storage().compact()) == Condition::internal_server_error));
    faults.mend();
    BOOST_TEST(has_exactly(juliet, 5000, 500));
}

BOOST_AUTO_TEST_SUITE_END()

namespace lmdb {
namespace {

using Owner = Owned<MDB_txn, mdb_txn_abort>;

class Plain {
public:
    Plain()
        : environment_{Environment::open(small_options(directory_.path()))}
    {
        BOOST_REQUIRE(environment_.has_value());
        write([](WriteTransaction& transaction) {
            for (std::uint64_t i = 0; i < 500; ++i) {
                transaction.put(Table::values, Key{i}, value(i));
            }
        });
    }

    static std::string value(std::uint64_t number)
    {
        return std::string(number % 2 == 0 ? 3000 : 30'000, static_cast<char>('a' + number % 26));
    }

    const Environment& environment() const { return **environment_; }

    template <class Deed>
    void write(Deed deed)
    {
        BOOST_TEST_REQUIRE(commit_deed(environment(), deed) == 0);
    }

    void erase_all()
    {
        write([](WriteTransaction& transaction) { transaction.erase_all(Table::values, Key{}); });
    }

    void commit_something()
    {
        write([](WriteTransaction& transaction) { transaction.next_number("test"); });
    }

    std::uint64_t punch_all(HoleBounds bounds = {})
    {
        std::uint64_t bytes = 0;
        HoleStep step;
        while (!step.complete) {
            auto result = punch_some(environment(), step.next, bounds);
            BOOST_TEST_REQUIRE(result.has_value());
            step = *result;
            bytes += step.bytes;
            ++steps_;
        }
        return bytes;
    }

    unsigned steps() const { return steps_; }

    Owner begin_to_read()
    {
        MDB_txn* begun = nullptr;
        BOOST_TEST_REQUIRE(mdb_txn_begin(environment().handle(), nullptr, MDB_RDONLY, &begun) == 0);
        return Owner{begun};
    }

    bool reads_all(MDB_txn* reader)
    {
        ReadTransaction transaction{environment(), reader};
        bool same = true;
        for (std::uint64_t i = 0; i < 500; ++i) {
            same = same && transaction.get(Table::values, Key{i}) == value(i);
        }
        return same;
    }

private:
    TemporaryDirectory directory_;
    Result<Environment::Ptr> environment_;
    unsigned steps_ = 0;
};

constexpr std::uint64_t most_of_it = 7'000'000;

} // namespace

BOOST_FIXTURE_TEST_SUITE(lmdb_hole_steps, Plain)

BOOST_AUTO_TEST_CASE(what_somebody_reads_stays, *boost::unit_test::precondition(has_holes))
{
    Owner reader = begin_to_read();
    erase_all();
    for (int i = 0; i < 5; ++i) {
        commit_something();
    }
    BOOST_TEST(punch_all() < 100'000U);
    BOOST_TEST(reads_all(reader.get()));
    mdb_txn_reset(reader.get());
    BOOST_TEST(punch_all() > most_of_it);
}

BOOST_AUTO_TEST_CASE(what_the_last_two_roots_have_stays, *boost::unit_test::precondition(has_holes))
{
    erase_all();
    BOOST_TEST(punch_all() < 100'000U);
    commit_something();
    BOOST_TEST(punch_all() < 100'000U);
    commit_something();
    BOOST_TEST(punch_all() > most_of_it);
}

BOOST_AUTO_TEST_CASE(
    small_steps_do_as_much_as_large_ones, *boost::unit_test::precondition(has_holes))
{
    erase_all();
    commit_something();
    commit_something();
    BOOST_TEST(punch_all(HoleBounds{7, std::chrono::milliseconds{0}}) > most_of_it);
    BOOST_TEST(steps() > 200U);
    BOOST_TEST(punch_all() == 0U);
}

BOOST_AUTO_TEST_CASE(
    what_is_punched_out_is_written_again, *boost::unit_test::precondition(has_holes))
{
    erase_all();
    commit_something();
    commit_something();
    punch_all();
    const std::uint64_t low = environment().disk_bytes();
    write([](WriteTransaction& transaction) {
        for (std::uint64_t i = 0; i < 500; ++i) {
            transaction.put(Table::values, Key{i}, value(i));
        }
    });
    BOOST_TEST(environment().disk_bytes() > low + most_of_it);
    punch_all();
    const Owner reader = begin_to_read();
    BOOST_TEST(reads_all(reader.get()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace lmdb
} // namespace sarang
