// SPDX-License-Identifier: Apache-2.0
#include "core/commands/archive_commands.h"

#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../../fake/archive_store.h"
#include "../../fake/clock.h"
#include "../../fake/search_store.h"
#include "../command_stage.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

Task<Result<StorageSpace>> space_of_all()
{
    co_return StorageSpace{1000, 400, 700};
}

class Stage {
public:
    Stage()
    {
        shards_.start();
        shards_.call(0, [this] {
            const auto home = [this](std::string_view) -> Shard& { return shards_.shard(0); };
            const auto space = [] { return space_of_all(); };
            commands_.emplace(registry_, ArchiveCommands::Needs{store, search, clock, home, space});
        });
    }

    ~Stage()
    {
        shards_.call(0, [this] { commands_.reset(); });
        shards_.stop();
    }

    ManualClock clock;
    FakeArchiveStore store{clock};
    FakeSearchStore search{store};
    FakeCaller caller;

    void keep(const std::string& with, const std::string& stanza)
    {
        ArchiveDraft draft;
        draft.owner = "juliet@localhost";
        draft.host = "localhost";
        draft.bucket = 1;
        draft.with = with;
        draft.with_resource = "orchard";
        draft.stanza = stanza;
        BOOST_REQUIRE(store.append(draft).has_value());
        store.settle();
        clock.advance(24h);
    }

    CommandOutcome run(std::vector<std::string> words)
    {
        std::optional<CommandOutcome> outcome;
        std::optional<Running> running;
        shards_.call(0, [&] { running.emplace(call(std::move(words), outcome)); });
        while (!shards_.call(0, [&] { return outcome.has_value(); })) {
            std::this_thread::yield();
        }
        shards_.call(0, [&] { running.reset(); });
        return std::move(*outcome);
    }

private:
    Task<void> call(std::vector<std::string> words, std::optional<CommandOutcome>& outcome)
    {
        Task<CommandOutcome> task = registry_.run(std::move(words), "/", caller);
        CommandOutcome result = co_await task;
        outcome.emplace(std::move(result));
    }

    CommandRegistry registry_;
    Shards shards_{clock, {.count = 1}};
    std::optional<ArchiveCommands> commands_;
};

const std::string message = "<message xmlns='jabber:client'><body>1</body></message>";

} // namespace

BOOST_FIXTURE_TEST_SUITE(archive_commands, Stage)

BOOST_AUTO_TEST_CASE(stat_tells_how_much_there_is)
{
    BOOST_TEST(
        run({"archive", "stat", "juliet@localhost"}).result.dump() ==
        R"({"jid":"juliet@localhost","entries":0})");
    keep("romeo@localhost", message);
    keep("romeo@localhost", message);
    BOOST_TEST(
        run({"archive", "stat", "juliet@localhost/balcony"}).result.dump() ==
        R"({"jid":"juliet@localhost","entries":2,"first":"2026-01-01T00:00:00Z",)"
        R"("last":"2026-01-02T00:00:00Z"})");
}

BOOST_AUTO_TEST_CASE(stat_of_all_tells_what_the_files_take)
{
    BOOST_TEST(
        run({"archive", "stat"}).result.dump() ==
        R"({"bytes":1000,"bytes on disk":700,"free":400,"free on disk":100})");
}

BOOST_AUTO_TEST_CASE(export_prints_each_entry)
{
    keep("romeo@localhost", message);
    keep("nurse@localhost", message);
    run({"archive", "export", "juliet@localhost"});
    BOOST_TEST_REQUIRE(caller.rows.size() == 2U);
    BOOST_TEST(
        caller.rows[0].dump() ==
        R"({"time":"2026-01-01T00:00:00Z","with":"romeo@localhost/orchard","stanza":")" + message +
            R"("})");
    caller.rows.clear();
    run({"archive", "export", "--with", "nurse@localhost", "juliet@localhost"});
    BOOST_TEST(caller.rows.size() == 1U);
}

BOOST_AUTO_TEST_CASE(export_goes_on_page_by_page)
{
    for (int i = 0; i < 501; ++i) {
        keep("romeo@localhost", message);
    }
    run({"archive", "export", "juliet@localhost"});
    BOOST_TEST(caller.rows.size() == 501U);
}

BOOST_AUTO_TEST_CASE(verify_counts_what_is_no_message)
{
    keep("romeo@localhost", message);
    BOOST_TEST(
        run({"archive", "verify", "juliet@localhost"}).text == "1 entries, 0 of them damaged\n");
    keep("romeo@localhost", "<message");
    keep("romeo@localhost", "<iq xmlns='jabber:client'/>");
    const CommandOutcome outcome = run({"archive", "verify", "juliet@localhost"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST(
        outcome.text.find("3 entries can be read, 2 of them are damaged") != std::string::npos,
        outcome.text);
    store.failure = Error{Condition::internal_server_error, "It cannot be read", "disk", {}};
    BOOST_TEST((run({"archive", "verify", "juliet@localhost"}).exit == ExitCode::failed));
}

BOOST_AUTO_TEST_CASE(verify_tells_what_the_store_finds)
{
    keep("romeo@localhost", message);
    store.faults = {"its head is damaged", "a block is"};
    const CommandOutcome outcome = run({"archive", "verify", "juliet@localhost"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST_REQUIRE(caller.rows.size() == 2U);
    BOOST_TEST(caller.rows[0].dump() == R"({"fault":"its head is damaged"})");
}

BOOST_AUTO_TEST_CASE(verify_may_repair_and_tells_what_that_did)
{
    keep("romeo@localhost", message);
    store.faults = {"its head is damaged"};
    store.repaired.done = {"its head was put right"};
    const CommandOutcome whole = run({"archive", "verify", "--repair", "juliet@localhost"});
    BOOST_TEST(
        whole.text == "juliet@localhost: 2 things were mended; of damaged blocks 0 entries were "
                      "kept, and 0 are lost\n");
    BOOST_TEST_REQUIRE(caller.rows.size() == 2U);
    BOOST_TEST(caller.rows[0].dump() == R"({"done":"its head was put right"})");
    BOOST_TEST(search.forgotten.empty());
    store.repaired.kept = 3;
    store.repaired.lost = 5;
    store.repaired.uncounted = true;
    store.repaired.lost_from = bound_of(clock.wall());
    store.repaired.lost_to = bound_of(clock.wall() + 1h);
    const CommandOutcome lost = run({"archive", "verify", "--repair", "juliet@localhost"});
    BOOST_TEST(
        lost.text == "juliet@localhost: 2 things were mended; of damaged blocks 3 entries were "
                     "kept, and at least 5 are lost\n"
                     "Those were of 2026-01-02T00:00:00Z to 2026-01-02T01:00:00Z\n");
    BOOST_TEST(search.forgotten == (std::vector<std::string>{"juliet@localhost"}));
}

BOOST_AUTO_TEST_CASE(verify_fails_where_something_is_still_damaged_after_a_repair)
{
    keep("romeo@localhost", "<message");
    BOOST_TEST(
        (run({"archive", "verify", "--repair", "juliet@localhost"}).exit == ExitCode::failed));
}

BOOST_AUTO_TEST_CASE(who_may_only_look_may_not_repair)
{
    keep("romeo@localhost", message);
    caller.allowed = false;
    BOOST_TEST((run({"archive", "verify", "juliet@localhost"}).exit == ExitCode::ok));
    BOOST_TEST(
        (run({"archive", "verify", "--repair", "juliet@localhost"}).exit == ExitCode::refused));
}

BOOST_AUTO_TEST_CASE(expire_removes_what_is_older)
{
    for (int i = 0; i < 4; ++i) {
        keep("romeo@localhost", message);
    }
    BOOST_TEST(run({"archive", "expire", "localhost", "2"}).text == "2 entries were removed\n");
    BOOST_TEST(store.stanzas("juliet@localhost").size() == 2U);
    BOOST_TEST((run({"archive", "expire", "localhost", "0"}).exit == ExitCode::failed));
}

BOOST_AUTO_TEST_CASE(reindex_makes_one_anew_and_tells_how_much_that_was)
{
    search.missing = 7;
    BOOST_TEST(
        run({"archive", "reindex", "juliet@localhost/x"}).text == "7 entries were indexed\n");
    BOOST_TEST(search.forgotten == (std::vector<std::string>{"juliet@localhost"}));
}

BOOST_AUTO_TEST_CASE(reindex_begins_anew_on_a_host_or_on_all)
{
    search.owners.names = {"juliet@localhost", "romeo@localhost"};
    BOOST_TEST(
        run({"archive", "reindex", "--host", "localhost"}).text ==
        "2 archives are indexed anew from now on\n");
    BOOST_TEST(run({"archive", "reindex"}).text == "2 archives are indexed anew from now on\n");
    BOOST_TEST(search.forgotten == (std::vector<std::string>{"localhost", ""}));
    const auto both = run({"archive", "reindex", "--host", "localhost", "juliet@localhost"});
    BOOST_TEST((both.exit == ExitCode::failed));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
