// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>
#include <sys/stat.h>

#include "../backends.h"
#include "../files.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";

using Stored = Kept<LmdbBackend>;

void fill(Stored& kept, int count)
{
    for (int i = 0; i < count; ++i) {
        kept.get(kept.values().put(juliet, std::to_string(i), std::string(1000, 'v')));
    }
}

Result<void> restore(Stored& kept, const std::string& file, Existing existing)
{
    return restore_lmdb(file, kept.directory() / "restored", existing, kept.time());
}

/// How many values a restored database holds.
std::size_t values_in(Stored& kept)
{
    LmdbOptions options;
    options.directory = kept.directory() / "restored";
    options.map_size = std::uint64_t{1} << 28;
    options.shards = 2;
    auto storage = open_lmdb(options, kept.workers(), kept.time());
    BOOST_TEST_REQUIRE(storage.has_value());
    const std::size_t count = kept.get((*storage)->values().names(juliet)).size();
    kept.wait((*storage)->close());
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_backup)

BOOST_AUTO_TEST_CASE(a_backup_is_restored_as_it_was)
{
    Stored kept;
    fill(kept, 50);
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    fill(kept, 70); // after it
    struct stat found = {};
    BOOST_TEST_REQUIRE(::stat(file.c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 0777U) == 0600U);
    BOOST_TEST(restore(kept, file, Existing::refuse).has_value());
    BOOST_TEST(values_in(kept) == 50U);
}

BOOST_AUTO_TEST_CASE(a_backup_taken_under_load_is_consistent)
{
    Stored kept;
    fill(kept, 100);
    std::vector<std::future<Result<void>>> puts;
    const std::string file = kept.directory() / "backup";
    for (int i = 100; i < 2000; ++i) {
        puts.push_back(kept.start(0, kept.values().put(juliet, std::to_string(i), "value")));
    }
    auto backup = kept.start(1, kept.storage().backup(file));
    for (auto& put : puts) {
        BOOST_TEST_REQUIRE(put.get().has_value());
    }
    BOOST_TEST(backup.get().has_value());
    BOOST_TEST(restore(kept, file, Existing::refuse).has_value());
    BOOST_TEST(values_in(kept) >= 100U);
}

BOOST_AUTO_TEST_CASE(a_backup_replaces_an_older_one_or_leaves_it)
{
    Stored kept;
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    fill(kept, 5);
    kept.get(kept.storage().backup(file));
    BOOST_TEST(restore(kept, file, Existing::refuse).has_value());
    BOOST_TEST(values_in(kept) == 5U);
    const auto failed = kept.wait(kept.storage().backup(kept.directory() / "no/such"));
    BOOST_TEST_REQUIRE(!failed.has_value());
    BOOST_TEST(failed.error().cause.find("No such file") != std::string::npos);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{kept.directory().path()}) {
        files += entry.is_regular_file() ? 1 : 0;
    }
    BOOST_TEST(files == 1U); // nothing half done is left
}

BOOST_AUTO_TEST_CASE(a_database_is_overwritten_only_when_told_so)
{
    Stored kept;
    fill(kept, 5);
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    BOOST_TEST(restore(kept, file, Existing::refuse).has_value());
    fill(kept, 9);
    kept.get(kept.storage().backup(file));
    const auto refused = restore(kept, file, Existing::refuse);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().condition == Condition::conflict));
    BOOST_TEST(values_in(kept) == 5U);
    BOOST_TEST(restore(kept, file, Existing::replace).has_value());
    BOOST_TEST(values_in(kept) == 9U);
}

BOOST_AUTO_TEST_CASE(a_running_database_is_never_overwritten)
{
    Stored kept;
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    const std::string running = kept.directory() / "store";
    const auto refused = restore_lmdb(file, running, Existing::replace, kept.time());
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().condition == Condition::conflict));
}

BOOST_AUTO_TEST_CASE(what_is_no_backup_is_refused)
{
    Stored kept;
    fill(kept, 100);
    const std::string file = kept.directory() / "backup";
    kept.get(kept.storage().backup(file));
    const std::string good = read(file);
    const std::string bad = kept.directory() / "bad";
    const std::pair<const char*, std::string> cases[] = {
        {"empty", ""},
        {"text", "This is no database."},
        {"zeros", std::string(100'000, '\0')},
        {"cut within the head", good.substr(0, 5000)},
        {"cut after the head", good.substr(0, 8192)},
        {"cut at the end", good.substr(0, good.size() - 4096)},
        {"damaged head", std::string(8192, 'x') + good.substr(8192)},
    };
    for (const auto& [name, content] : cases) {
        write(bad, content);
        const auto refused = restore(kept, bad, Existing::refuse);
        BOOST_TEST_REQUIRE(!refused.has_value(), name);
        BOOST_TEST((refused.error().condition == Condition::not_acceptable), name);
    }
    const auto missing = restore(kept, kept.directory() / "missing", Existing::refuse);
    BOOST_TEST_REQUIRE(!missing.has_value());
    BOOST_TEST(missing.error().cause.find("No such file") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(kept.directory() / "restored/data.mdb"));
}

BOOST_AUTO_TEST_CASE(roster_versions_from_a_lost_time_are_unknown)
{
    Stored kept;
    const std::string file = kept.directory() / "backup";
    const auto put = [&kept](const char* contact) {
        kept.time().advance(std::chrono::seconds{1});
        return kept.get(kept.rosters().put(juliet, RosterItem{.contact = contact}));
    };
    const std::uint64_t kept_version = put("nurse@capulet.example");
    kept.get(kept.storage().backup(file));
    const std::uint64_t lost_version = put("romeo@montague.example");
    kept.time().advance(std::chrono::seconds{1});
    BOOST_TEST(restore(kept, file, Existing::refuse).has_value());

    LmdbOptions options;
    options.directory = kept.directory() / "restored";
    options.map_size = std::uint64_t{1} << 28;
    auto storage = open_lmdb(options, kept.workers(), kept.time());
    BOOST_TEST_REQUIRE(storage.has_value());
    RosterStore& rosters = (*storage)->rosters();
    BOOST_TEST(kept.get(rosters.changes_since(juliet, kept_version)).has_value());
    BOOST_TEST(!kept.get(rosters.changes_since(juliet, lost_version)).has_value());
    kept.time().advance(std::chrono::seconds{1});
    const auto fresh = kept.get(rosters.put(juliet, RosterItem{.contact = "paris@x.example"}));
    BOOST_TEST(fresh > lost_version);
    BOOST_TEST(!kept.get(rosters.changes_since(juliet, lost_version)).has_value());
    BOOST_TEST(kept.get(rosters.changes_since(juliet, fresh)).has_value());
    kept.wait((*storage)->close());
}

BOOST_AUTO_TEST_CASE(free_room_is_given_back_and_nothing_else)
{
    Stored kept;
    fill(kept, 2000);
    for (int i = 100; i < 2000; ++i) {
        BOOST_TEST_REQUIRE(kept.get(kept.values().erase(juliet, std::to_string(i))));
    }
    const StorageSpace space = kept.get(kept.storage().space());
    BOOST_TEST(space.free > 1'000'000U);
    BOOST_TEST(space.bytes > space.free);
    const std::string store = kept.directory() / "store";
    const auto refused = compact_lmdb(store);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().condition == Condition::conflict));
    kept.while_closed([&store] {
        const auto before = std::filesystem::file_size(store + "/data.mdb");
        const auto compacted = compact_lmdb(store);
        BOOST_TEST_REQUIRE(compacted.has_value());
        BOOST_TEST(compacted->free > 1'000'000U);
        BOOST_TEST(std::filesystem::file_size(store + "/data.mdb") < before - compacted->free / 2);
        BOOST_TEST(!std::filesystem::exists(store + "/compact.mdb"));
    });
    BOOST_TEST(kept.get(kept.values().names(juliet)).size() == 100U);
    BOOST_TEST(kept.get(kept.storage().space()).free < 100'000U);
    fill(kept, 200);
    kept.reopen();
    BOOST_TEST(kept.get(kept.values().names(juliet)).size() == 200U);
    BOOST_TEST(!compact_lmdb(kept.directory() / "none").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
