// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/environment.h"

#include "base/bytes.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <chrono>
#include <functional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

namespace sarang::lmdb {
namespace {

unsigned mode(const std::string& path)
{
    struct stat found = {};
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777U;
}

void put(MDB_txn* transaction, const char* table, std::string key, std::string value)
{
    MDB_dbi handle = 0;
    MDB_val name{key.size(), key.data()};
    MDB_val content{value.size(), value.data()};
    BOOST_REQUIRE(mdb_dbi_open(transaction, table, MDB_CREATE, &handle) == 0);
    BOOST_REQUIRE(mdb_put(transaction, handle, &name, &content, 0) == 0);
}

/// Changes a closed environment behind the program's back.
void tamper(const std::string& directory, const std::function<void(MDB_txn*)>& change)
{
    MDB_env* env = nullptr;
    MDB_txn* transaction = nullptr;
    BOOST_REQUIRE(mdb_env_create(&env) == 0);
    BOOST_REQUIRE(mdb_env_set_maxdbs(env, 32) == 0);
    BOOST_REQUIRE(mdb_env_open(env, directory.c_str(), 0, 0600) == 0);
    BOOST_REQUIRE(mdb_txn_begin(env, nullptr, 0, &transaction) == 0);
    change(transaction);
    BOOST_REQUIRE(mdb_txn_commit(transaction) == 0);
    mdb_env_close(env);
}

/// A process that ends in the midst of a read.
void read_and_die(const std::string& directory)
{
    const pid_t child = ::fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
        MDB_env* env = nullptr;
        MDB_txn* reading = nullptr;
        const bool reads = mdb_env_create(&env) == 0 &&
                           mdb_env_open(env, directory.c_str(), MDB_NOTLS, 0600) == 0 &&
                           mdb_txn_begin(env, nullptr, MDB_RDONLY, &reading) == 0;
        ::_exit(reads ? 0 : 1);
    }
    int status = 1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
}

std::string cause(const LmdbOptions& options)
{
    const auto opened = Environment::open(options);
    return opened ? "opened" : opened.error().cause;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_environment)

BOOST_AUTO_TEST_CASE(directory_and_files_are_for_their_owner_alone)
{
    const TemporaryDirectory directory;
    const mode_t before = ::umask(0);
    const auto opened = Environment::open(small_options(directory / "store"));
    ::umask(before);
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST(mode(directory / "store") == 0700U);
    BOOST_TEST(mode(directory / "store/data.mdb") == 0600U);
    BOOST_TEST(mode(directory / "store/lock.mdb") == 0600U);
}

BOOST_AUTO_TEST_CASE(only_one_may_have_it_open)
{
    const TemporaryDirectory directory;
    {
        const auto first = Environment::open(small_options(directory.path()));
        BOOST_TEST_REQUIRE(first.has_value());
        BOOST_TEST(
            cause(small_options(directory.path())) ==
            directory.path() + " is in use by another process");
    }
    BOOST_TEST(cause(small_options(directory.path())) == "opened");
}

BOOST_AUTO_TEST_CASE(a_newer_schema_is_refused_with_both_numbers)
{
    const TemporaryDirectory directory;
    BOOST_TEST(cause(small_options(directory.path())) == "opened");
    BytesWriter newer;
    newer.u64(99);
    tamper(directory.path(), [&newer](MDB_txn* transaction) {
        put(transaction, "meta", "schema", newer.bytes());
    });
    const std::string refusal = "the database has schema 99, this program knows up to 6";
    BOOST_TEST(cause(small_options(directory.path())) == refusal);
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_refused)
{
    const std::string refusal = "the database was not made by this program";
    const TemporaryDirectory plain;
    tamper(plain.path(), [](MDB_txn* transaction) { put(transaction, nullptr, "key", "value"); });
    BOOST_TEST(cause(small_options(plain.path())) == refusal);
    const TemporaryDirectory named;
    tamper(named.path(), [](MDB_txn* transaction) { put(transaction, "meta", "key", "value"); });
    BOOST_TEST(cause(small_options(named.path())) == refusal);
}

BOOST_AUTO_TEST_CASE(short_address_space_makes_a_smaller_map)
{
    const TemporaryDirectory directory;
    LmdbOptions options = small_options(directory.path());
    options.map_size = std::uint64_t{1} << 50; // more than any process has
    const auto opened = Environment::open(options);
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST((*opened)->map_bytes() < options.map_size);
    BOOST_TEST((*opened)->map_bytes() >= std::uint64_t{1} << 28);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_named)
{
    const TemporaryDirectory directory;
    const auto refusal = cause(small_options(directory / "no/such"));
    BOOST_TEST(refusal.find(directory / "no/such") != std::string::npos);
    BOOST_TEST(refusal.find("No such file or directory") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_that_died_while_it_read_is_not_waited_for)
{
    const TemporaryDirectory directory;
    const auto opened = Environment::open(small_options(directory.path()));
    BOOST_TEST_REQUIRE(opened.has_value());
    read_and_die(directory.path());
    BOOST_TEST((*opened)->renew());
}

BOOST_AUTO_TEST_CASE(those_who_read_are_waited_for_once)
{
    using SteadyClock = std::chrono::steady_clock;
    const TemporaryDirectory directory;
    const auto opened = Environment::open(small_options(directory.path()));
    BOOST_TEST_REQUIRE(opened.has_value());
    MDB_txn* reading = nullptr;
    BOOST_REQUIRE(mdb_txn_begin((*opened)->handle(), nullptr, MDB_RDONLY, &reading) == 0);
    const auto begun = SteadyClock::now();
    BOOST_TEST(!(*opened)->renew());
    const auto waited = SteadyClock::now();
    BOOST_TEST(!(*opened)->renew());
    BOOST_TEST((SteadyClock::now() - waited < (waited - begun) / 4));
    mdb_txn_abort(reading);
    BOOST_TEST((*opened)->renew());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
