// SPDX-License-Identifier: Apache-2.0
#include "core/commands/user_commands.h"

#include "base/bytes.h"
#include "core/credentials.h"
#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../../fake/account_store.h"
#include "../../fake/clock.h"
#include "../command_stage.h"

namespace sarang {
namespace {

constexpr std::uint32_t iterations = 4096;

// A shard, since passwords are hashed on workers, which know the way back to a shard only.
class Stage {
public:
    Stage() { shards_.start(); }

    ~Stage()
    {
        shards_.call(0, [this] { commands_.reset(); });
        shards_.stop();
    }

    FakeAccountStore store;
    FakeCaller caller;
    std::vector<std::string> ended;

    CommandOutcome run(std::vector<std::string> words)
    {
        std::optional<CommandOutcome> outcome;
        std::optional<Running> running;
        shards_.call(0, [&] {
            if (!commands_) {
                commands_.emplace(registry_, needs());
            }
            running.emplace(call(std::move(words), outcome));
        });
        while (!shards_.call(0, [&] { return outcome.has_value(); })) {
            std::this_thread::yield();
        }
        shards_.call(0, [&] { running.reset(); });
        return std::move(*outcome);
    }

    std::string text(std::vector<std::string> words) { return run(std::move(words)).text; }

    std::string rows() const
    {
        std::string lines;
        for (const Json& row : caller.rows) {
            lines += row.dump() + '\n';
        }
        return lines;
    }

private:
    UserCommands::Needs needs()
    {
        return {
            store,
            workers_,
            clock_,
            [] { return iterations; },
            [] {
                return std::vector<std::string>{"example.org", "other.org"};
            },
            [this](Jid jid) { return end(std::move(jid)); }};
    }

    Task<void> end(Jid jid)
    {
        co_await yield();
        ended.emplace_back(jid.str());
    }

    Task<void> call(std::vector<std::string> words, std::optional<CommandOutcome>& outcome)
    {
        Task<CommandOutcome> task = registry_.run(std::move(words), "/", caller);
        outcome = co_await task;
    }

    SystemClock system_;
    ManualClock clock_;
    Shards shards_{system_, {1, 64}};
    WorkerPool workers_{{"hash", 2, 1024}};
    CommandRegistry registry_;
    std::optional<UserCommands> commands_;
};

BOOST_FIXTURE_TEST_SUITE(user_commands, Stage)

BOOST_AUTO_TEST_CASE(an_account_is_added_with_keys_and_without_its_password)
{
    caller.secret = "r0m30myr0m30";
    BOOST_TEST(text({"user", "add", "Juliet@Example.org"}) == "juliet@example.org was added\n");
    BOOST_TEST(caller.prompts.front() == "Password for juliet@example.org, twice");
    const Account& account = store.accounts.at("juliet@example.org");
    BOOST_TEST(account.host == "example.org");
    BOOST_REQUIRE(!account.credentials.empty());
    for (const ScramKeys& keys : account.credentials) {
        BOOST_TEST(keys.iterations == iterations);
        BOOST_TEST((keys.keys == scram::derive(keys.hash, "r0m30myr0m30", keys.salt, iterations)));
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_an_account_is_told_why)
{
    struct Case {
        const char* jid;
        const char* complaint;
    };

    const Case cases[] = {
        {"example.org", "example.org is no account's address: juliet@example.org would be one\n"},
        {"a@example.org/x",
         "a@example.org/x is no account's address: juliet@example.org would be one\n"},
        {"a@nowhere.org", "nowhere.org is no host of this server that keeps accounts\n"},
    };
    caller.secret = "x";
    for (const Case& one : cases) {
        BOOST_TEST(text({"user", "add", one.jid}) == one.complaint);
        BOOST_TEST(text({"user", "passwd", one.jid}) == one.complaint);
    }
    BOOST_TEST(store.accounts.empty());
}

BOOST_AUTO_TEST_CASE(an_account_is_added_once)
{
    caller.secret = "x";
    run({"user", "add", "a@example.org"});
    const CommandOutcome outcome = run({"user", "add", "a@example.org"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST(outcome.text == "a@example.org exists already\n");
}

BOOST_AUTO_TEST_CASE(an_empty_password_is_refused)
{
    BOOST_TEST((run({"user", "add", "a@example.org"}).exit == ExitCode::failed));
    BOOST_TEST(store.accounts.empty());
}

BOOST_AUTO_TEST_CASE(a_new_password_ends_the_sessions_of_the_old_one)
{
    caller.secret = "old";
    run({"user", "add", "a@example.org"});
    const auto before = store.accounts.at("a@example.org").credentials;
    caller.secret = "new";
    BOOST_TEST(text({"user", "passwd", "a@example.org"}) == "a@example.org has a new password\n");
    BOOST_TEST((store.accounts.at("a@example.org").credentials != before));
    BOOST_TEST(
        ended == std::vector<std::string>{"a@example.org"}, boost::test_tools::per_element());
    BOOST_TEST(text({"user", "passwd", "b@example.org"}) == "there is no account b@example.org\n");
}

BOOST_AUTO_TEST_CASE(a_removed_account_s_sessions_end)
{
    caller.secret = "x";
    run({"user", "add", "a@example.org"});
    BOOST_TEST(text({"user", "del", "a@example.org"}) == "a@example.org was removed\n");
    BOOST_TEST(store.accounts.empty());
    BOOST_TEST(ended.size() == 1);
    BOOST_TEST(text({"user", "del", "a@example.org"}) == "there is no account a@example.org\n");
}

BOOST_AUTO_TEST_CASE(accounts_are_listed_a_row_each_by_host)
{
    for (int i = 0; i < 1200; ++i) {
        const std::string owner = "u" + std::to_string(10'000 + i) + "@example.org";
        store.accounts.emplace(owner, Account{owner, "example.org", {}, {}});
    }
    store.accounts.emplace("z@other.org", Account{"z@other.org", "other.org", {}, {}});
    const CommandOutcome all = run({"user", "list"});
    BOOST_TEST((all.exit == ExitCode::ok));
    BOOST_TEST(all.text == "");
    BOOST_TEST(caller.rows.size() == 1201);
    caller.rows.clear();
    run({"user", "list", "other.org"});
    BOOST_TEST(rows() == "{\"jid\":\"z@other.org\"}\n");
}

BOOST_AUTO_TEST_CASE(a_reader_who_left_ends_the_list)
{
    store.accounts.emplace("z@other.org", Account{"z@other.org", "other.org", {}, {}});
    caller.gone = true;
    BOOST_TEST((run({"user", "list"}).exit == ExitCode::failed));
}

BOOST_AUTO_TEST_CASE(an_account_is_shown_without_its_keys)
{
    caller.secret = "x";
    run({"user", "add", "a@example.org"});
    const Json result = run({"user", "show", "a@example.org"}).result;
    BOOST_TEST(*result.find("created")->string() == "2026-01-01T00:00:00Z");
    BOOST_TEST(
        result.find("credentials")->elements()->front().dump() ==
        R"({"mechanism":"SCRAM-SHA-256","iterations":4096})");
    BOOST_TEST(text({"user", "show", "b@example.org"}) == "there is no account b@example.org\n");
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_told)
{
    store.failure = Error{Condition::internal_server_error, "the disk is gone", "EIO", {}};
    const CommandOutcome outcome = run({"user", "show", "a@example.org"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST(outcome.text == "the disk is gone (EIO)\n");
}

std::string keys_line(const std::string& jid)
{
    const scram::Keys sha1 = scram::derive(Hash::sha1, "pw", "salt", 4096);
    const scram::Keys sha256 = scram::derive(Hash::sha256, "pw", "salt", 4096);
    const auto five = [](const char* name, const scram::Keys& keys) {
        return std::string{"\t"} + name + "\t4096\t" + base64_encode("salt") + '\t' +
               base64_encode(keys.stored_key.view()) + '\t' + base64_encode(keys.server_key.view());
    };
    return jid + five("SCRAM-SHA-1", sha1) + five("SCRAM-SHA-256", sha256);
}

BOOST_AUTO_TEST_CASE(many_accounts_are_imported_from_passwords_and_from_keys)
{
    store.slow = true;
    std::vector<std::string> lines{"# a comment", ""};
    for (int i = 0; i < 300; ++i) {
        lines.push_back(keys_line("k" + std::to_string(i) + "@example.org"));
    }
    caller.file = {lines, {"p@other.org\tsecret"}};
    const CommandOutcome outcome = run({"user", "import", "accounts.tsv"});
    BOOST_TEST(outcome.text == "301 made, 0 replaced\n");
    BOOST_TEST(caller.opened == "accounts.tsv");
    const Account& account = store.accounts.at("k7@example.org");
    BOOST_REQUIRE(account.credentials.size() == 2);
    BOOST_TEST((account.credentials[1].keys == scram::derive(Hash::sha256, "pw", "salt", 4096)));
    BOOST_TEST(store.accounts.at("p@other.org").credentials.size() == 2);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_line_is_told_with_its_number_and_the_others_are_imported)
{
    const std::string short_key = "d@example.org\tSCRAM-SHA-1\t4096\tc2FsdA==\tAAAA\tAAAA";
    caller.file = {
        // Lines of one piece are made side by side: which of two namesakes is first, nobody says.
        {"a@example.org\tx", "# no account"},
        {"a@example.org\ty",
         "b@example.org",
         "@\tx",
         "c@nowhere.org\tx",
         short_key,
         "e@example.org\tSCRAM-MD5\t1\tAA==\tAA==\tAA==",
         "f@example.org\t",
         "g@example.org\tx"}};
    const CommandOutcome outcome = run({"user", "import", "-"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST(outcome.text == "7 failed, 2 made, 0 replaced\n");
    BOOST_REQUIRE(caller.rows.size() == 7);
    std::vector<std::int64_t> numbers;
    for (const Json& row : caller.rows) {
        numbers.push_back(*row.find("line")->integer());
    }
    BOOST_TEST(
        numbers == (std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9}),
        boost::test_tools::per_element());
    BOOST_TEST(*caller.rows[0].find("error")->string() == "a@example.org exists already");
    BOOST_TEST(
        *caller.rows[3].find("error")->string() == "nowhere.org is no host that keeps accounts");
    BOOST_TEST(
        *caller.rows[4].find("error")->string() ==
        "salt and keys must be base64, and the keys as long as the hash");
    BOOST_TEST(
        *caller.rows[5].find("error")->string() == "SCRAM-MD5 is no mechanism that is known here");
}

BOOST_AUTO_TEST_CASE(of_two_lines_for_one_account_the_last_counts)
{
    store.slow = true;
    const std::string keys = keys_line("a@example.org");
    caller.file = {{"a@example.org\tx", keys, "a@example.org\tx", keys}};
    BOOST_TEST(text({"user", "import", "--replace", "-"}) == "1 made, 3 replaced\n");
    BOOST_TEST(store.accounts.at("a@example.org").credentials.front().salt == "salt");
}

BOOST_AUTO_TEST_CASE(accounts_that_exist_are_replaced_when_asked_for)
{
    caller.file = {{keys_line("a@example.org")}};
    run({"user", "import", "-"});
    caller.file = {{"a@example.org\tx", "b@example.org\tx"}};
    BOOST_TEST(text({"user", "import", "--replace", "-"}) == "1 made, 1 replaced\n");
    BOOST_TEST(store.accounts.at("a@example.org").credentials.front().salt != "salt");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
