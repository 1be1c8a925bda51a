// SPDX-License-Identifier: Apache-2.0
#include "core/sasl.h"

#include "xml/jid.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string>

#include "sasl_stage.h"

using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace sarang {
namespace {

using enum SaslMechanism;

struct Offer {
    std::string what;
    bool tls;
    bool bound;
    std::vector<SaslMechanism> allowed;
    std::vector<SaslMechanism> offered;
};

std::ostream& operator<<(std::ostream& out, const Offer& row)
{
    return out << row.what;
}

const std::vector<SaslMechanism> usual = SaslPolicy{}.mechanisms;

const Offer offers[] = {
    {"no TLS", false, false, usual, {scram_sha_256, scram_sha_1}},
    {"TLS without bindings", true, false, usual, {scram_sha_256, scram_sha_1, plain}},
    {"TLS", true, true, usual, usual},
    {"ours is the order", true, true, {plain, scram_sha_1_plus}, {scram_sha_1_plus, plain}},
    {"no -PLUS", true, true, {scram_sha_1}, {scram_sha_1}},
    {"a host for guests", true, true, {anonymous}, {anonymous}},
    {"nothing", true, true, {}, {}},
};

const std::string bad_plains[] = {
    "",
    "juliet",
    "\0juliet"s,
    "\0juliet\0"s,
    "\0\0r0m30myr0m30"s,
    "\0juliet\0r0m30\0"s,
    "\0juliet\0r0m30\0x"s,
    "\0\0"s,
    "\0\0\0"s,
};

/// With workers that work, hence on a shard.
struct PlainStage : SaslStage {
    SystemClock clock;
    Shards shards{clock, {.count = 1}};
    std::optional<WorkerPool> hashing;

    PlainStage()
    {
        shards.start();
        hashing.emplace(WorkerPool::Options{"hash", 1, 8});
    }

    ~PlainStage()
    {
        shards.stop();
        hashing.reset();
    }

    SaslContext context()
    {
        return {store, *hashing, std::make_shared<const SaslPolicy>(policy), true};
    }

    SaslStep log_in(SaslExchange& exchange, std::string_view message)
    {
        return settle(shards, exchange.start("PLAIN", message));
    }

    SaslStep log_in(std::string_view message)
    {
        SaslExchange exchange{context()};
        return log_in(exchange, message);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sasl)

BOOST_AUTO_TEST_CASE(mechanisms_are_known_by_name)
{
    BOOST_TEST(name(scram_sha_256_plus) == "SCRAM-SHA-256-PLUS");
    BOOST_TEST(name(anonymous) == "ANONYMOUS");
    for (const SaslMechanism mechanism : usual) {
        BOOST_TEST((sasl_mechanism_named(name(mechanism)) == mechanism));
    }
    BOOST_TEST(!sasl_mechanism_named("scram-sha-1").has_value());
    BOOST_TEST(!sasl_mechanism_named("").has_value());
    BOOST_TEST(name(SaslCondition::aborted) == "aborted");
    BOOST_TEST(name(SaslCondition::malformed_request) == "malformed-request");
    BOOST_TEST(name(SaslCondition::temporary_auth_failure) == "temporary-auth-failure");
}

BOOST_DATA_TEST_CASE_F(SaslStage, what_is_offered_fits_the_connection, data::make(offers), row)
{
    tls = row.tls;
    policy.mechanisms = row.allowed;
    if (row.bound) {
        bindings = {{"tls-exporter", "bytes"}, {"tls-server-end-point", "digest"}};
    }
    BOOST_TEST(offered_mechanisms(context()) == row.offered, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(channel_bindings_are_announced_with_plus_alone, SaslStage)
{
    BOOST_TEST(offered_bindings(context()).empty());
    bindings = {{"tls-exporter", "bytes"}, {"tls-server-end-point", "digest"}};
    const SaslContext stage = context();
    const std::array<std::string_view, 2> both{"tls-exporter", "tls-server-end-point"};
    BOOST_TEST(offered_bindings(stage) == both, boost::test_tools::per_element());
    policy.mechanisms = {scram_sha_1};
    BOOST_TEST(offered_bindings(context()).empty());
}

BOOST_FIXTURE_TEST_CASE(what_is_not_offered_cannot_be_used, SaslStage)
{
    for (const char* name : {"", "EXTERNAL", "plain", "ANONYMOUS", "SCRAM-SHA-1-PLUS"}) {
        BOOST_TEST((failed(start(name, "x")) == SaslCondition::invalid_mechanism));
    }
    tls = false;
    BOOST_TEST((failed(start("PLAIN", "\0a\0b"s)) == SaslCondition::encryption_required));
    policy.mechanisms = {scram_sha_1};
    BOOST_TEST((failed(start("PLAIN", "\0a\0b"s)) == SaslCondition::invalid_mechanism));
    BOOST_TEST(store.lookups == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_response_before_the_start_ends_it, SaslStage)
{
    SaslExchange exchange{context()};
    const SaslStep early = settle(loop, exchange.respond("c=biws"));
    BOOST_TEST((failed(early) == SaslCondition::malformed_request));
    const SaslStep late = settle(loop, exchange.start("SCRAM-SHA-1", std::nullopt));
    BOOST_TEST((failed(late) == SaslCondition::malformed_request));
    BOOST_TEST(!exchange.mechanism().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_second_start_ends_it, SaslStage)
{
    SaslExchange exchange{context()};
    static_cast<void>(settle(loop, exchange.start("SCRAM-SHA-1", std::nullopt)));
    const SaslStep again = settle(loop, exchange.start("SCRAM-SHA-1", std::nullopt));
    BOOST_TEST((failed(again) == SaslCondition::malformed_request));
    const SaslStep after = settle(loop, exchange.respond("n,,n=juliet,r=abc"));
    BOOST_TEST((failed(after) == SaslCondition::malformed_request));
}

BOOST_FIXTURE_TEST_CASE(nothing_follows_success_or_failure, SaslStage)
{
    for (const char* password : {"r0m30myr0m30", "rosaline"}) {
        ScramClient client;
        client.password = password;
        SaslExchange exchange{context()};
        static_cast<void>(play(exchange, client));
        const SaslStep after = settle(loop, exchange.respond("x"));
        BOOST_TEST((failed(after) == SaslCondition::malformed_request));
    }
}

BOOST_FIXTURE_TEST_CASE(who_speaks_out_of_turn_fails_also_when_the_answer_was_good, SaslStage)
{
    SaslExchange exchange{context()};
    store.slow = true;
    Task<SaslStep> first = exchange.start("SCRAM-SHA-1", "n,,n=juliet,r=abc");
    first.promise().handle().resume();
    BOOST_TEST(!first.finished());
    const SaslStep early = settle(loop, exchange.respond("x"));
    BOOST_TEST((failed(early) == SaslCondition::malformed_request));
    BOOST_TEST_REQUIRE(first.finished());
    BOOST_TEST((failed(first.promise().take()) == SaslCondition::malformed_request));
}

BOOST_FIXTURE_TEST_CASE(an_exchange_may_be_dropped_while_it_waits, SaslStage)
{
    store.slow = true;
    auto exchange = std::make_unique<SaslExchange>(context());
    std::optional<Task<SaslStep>> first{exchange->start("SCRAM-SHA-1", "n,,n=juliet,r=abc")};
    first->promise().handle().resume();
    BOOST_TEST(!first->finished());
    first.reset();
    exchange.reset();
    loop.run();
}

BOOST_FIXTURE_TEST_CASE(a_message_that_is_too_long_is_not_looked_at, SaslStage)
{
    const std::string opening = "n,,n=juliet,r=abc,x=";
    const std::string longest =
        opening + std::string(SaslExchange::max_message - opening.size(), 'y');
    BOOST_TEST(!failed(start("SCRAM-SHA-1", longest)).has_value());
    const SaslStep step = start("SCRAM-SHA-1", longest + "y");
    BOOST_TEST((failed(step) == SaslCondition::malformed_request));
}

BOOST_FIXTURE_TEST_CASE(an_anonymous_user_gets_a_name_of_his_own, SaslStage)
{
    policy.mechanisms = {anonymous};
    std::string before;
    for (const std::optional<std::string_view> trace :
         {std::optional<std::string_view>{},
          std::optional<std::string_view>{""},
          std::optional<std::string_view>{"juliet"}}) {
        const SaslStep step = start("ANONYMOUS", trace);
        BOOST_TEST_REQUIRE(std::holds_alternative<SaslSuccess>(step));
        const SaslSuccess& success = std::get<SaslSuccess>(step);
        BOOST_TEST(success.anonymous);
        BOOST_TEST(success.additional.empty());
        BOOST_TEST(success.user.size() == 36U);
        BOOST_TEST(success.user[14] == '4'); // RFC 4122 §4.4
        BOOST_TEST(success.user != before);
        BOOST_TEST(Jid::make(success.user, policy.domain).value().local() == success.user);
        before = success.user;
    }
    BOOST_TEST(store.lookups == 0U);
}

BOOST_FIXTURE_TEST_CASE(plain_takes_the_right_password, PlainStage)
{
    BOOST_TEST(succeeded(log_in("\0juliet\0r0m30myr0m30"s), "juliet"));
    BOOST_TEST(succeeded(log_in("\0JULIET\0r0m30myr0m30"s), "juliet"));
    BOOST_TEST(succeeded(log_in("juliet@example.org\0juliet\0r0m30myr0m30"s), "juliet"));
    const SaslStep step = log_in("\0juliet\0r0m30myr0m30"s);
    BOOST_TEST(std::get<SaslSuccess>(step).additional.empty());
}

BOOST_FIXTURE_TEST_CASE(plain_refuses_the_wrong_password, PlainStage)
{
    for (const std::string& message :
         {"\0juliet\0rosaline"s,
          "\0juliet\0R0m30myr0m30"s,
          "\0juliet\0r0m30myr0m30 "s,
          "\0tybalt\0r0m30myr0m30"s,
          "\0juliet\0\x07"s,
          "\0juliet\0\xff"s,
          "\0a b\0r0m30myr0m30"s}) {
        BOOST_TEST((failed(log_in(message)) == SaslCondition::not_authorized));
    }
    const SaslStep step = log_in("romeo@example.org\0juliet\0r0m30myr0m30"s);
    BOOST_TEST((failed(step) == SaslCondition::invalid_authzid));
}

BOOST_FIXTURE_TEST_CASE(plain_prepares_the_password, PlainStage)
{
    add("nurse", "I\xc2\xadX\xc2\xa0z");
    BOOST_TEST(succeeded(log_in("\0nurse\0IX z"s), "nurse"));
    BOOST_TEST(succeeded(log_in("\0nurse\0\xe2\x85\xa8\xc2\xa0z"s), "nurse"));
}

BOOST_FIXTURE_TEST_CASE(plain_takes_whichever_hash_there_is, PlainStage)
{
    for (const Hash left : {Hash::sha256, Hash::sha1}) {
        add("nurse", "r0m30myr0m30");
        std::erase_if(
            store.accounts["nurse@example.org"].credentials,
            [left](const ScramKeys& keys) { return keys.hash != left; });
        BOOST_TEST_CONTEXT(left)
        {
            BOOST_TEST(succeeded(log_in("\0nurse\0r0m30myr0m30"s), "nurse"));
            BOOST_TEST((failed(log_in("\0nurse\0rosaline"s)) == SaslCondition::not_authorized));
        }
        store.accounts.erase("nurse@example.org");
    }
}

BOOST_FIXTURE_TEST_CASE(plain_works_as_hard_for_an_unknown_user, PlainStage)
{
    std::vector<SaslFailure> failures;
    for (const std::string& message : {"\0juliet\0rosaline"s, "\0tybalt\0rosaline"s}) {
        store.lookups = 0;
        SaslExchange exchange{context()};
        failures.push_back(std::get<SaslFailure>(log_in(exchange, message)));
        const SaslWork expected{
            .lookups = 1, .decoys = 1, .derivations = 1, .iterations = iterations};
        BOOST_TEST((exchange.work() == expected));
        BOOST_TEST(store.lookups == 1U);
    }
    BOOST_TEST(failures.front().text == failures.back().text);
    BOOST_TEST(failures.front().condition == failures.back().condition);
}

BOOST_DATA_TEST_CASE_F(SaslStage, malformed_plain_is_refused, data::make(bad_plains), message)
{
    BOOST_TEST((failed(start("PLAIN", message)) == SaslCondition::malformed_request));
    BOOST_TEST(store.lookups == 0U);
}

BOOST_FIXTURE_TEST_CASE(plain_without_an_initial_response_is_asked_for_it, PlainStage)
{
    SaslExchange exchange{context()};
    const SaslStep asked = settle(shards, exchange.start("PLAIN", std::nullopt));
    BOOST_TEST(std::holds_alternative<SaslChallenge>(asked));
    const std::string message = "\0juliet\0r0m30myr0m30"s;
    BOOST_TEST(succeeded(settle(shards, exchange.respond(message)), "juliet"));
}

BOOST_FIXTURE_TEST_CASE(when_the_workers_are_busy_the_client_may_try_later, PlainStage)
{
    hashing.reset();
    hashing.emplace(WorkerPool::Options{"none", 0, 0});
    const SaslStep known = log_in("\0juliet\0r0m30myr0m30"s);
    BOOST_TEST((failed(known) == SaslCondition::temporary_auth_failure));
    const SaslStep unknown = log_in("\0tybalt\0r0m30myr0m30"s);
    BOOST_TEST((failed(unknown) == SaslCondition::temporary_auth_failure));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
