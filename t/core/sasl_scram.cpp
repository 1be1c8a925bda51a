// SPDX-License-Identifier: Apache-2.0
// SCRAM through a whole exchange.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string>

#include "sasl_stage.h"

namespace data = boost::unit_test::data;

namespace sarang {
namespace {

struct Dialogue {
    std::string source;
    Hash hash;
    std::string salt; ///< base64
    std::string server_nonce;
    std::string client_first;
    std::string server_first;
    std::string client_final;
    std::string server_final;
};

std::ostream& operator<<(std::ostream& out, const Dialogue& dialogue)
{
    return out << dialogue.source;
}

const Dialogue dialogues[] = {
    {"RFC 5802 §5",
     Hash::sha1,
     "QSXCR+Q6sek8bf92",
     "3rfcNHYJY1ZVvWVs7j",
     "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {"RFC 7677 §3",
     Hash::sha256,
     "W22ZaJ0SNY7soEsUEjb6gQ==",
     "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
     "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

const std::array<Hash, 2> hashes{Hash::sha1, Hash::sha256};

std::string mechanism_for(Hash hash)
{
    return hash == Hash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
}

struct BoundStage : SaslStage {
    BoundStage()
    {
        bindings = {{"tls-exporter", "exported bytes"}, {"tls-server-end-point", "digest"}};
    }
};

struct BindingCase {
    std::string what;
    bool plus;
    std::string gs2;
    std::string bytes; ///< what the client takes for the binding
    std::optional<SaslCondition> failure;
};

std::ostream& operator<<(std::ostream& out, const BindingCase& row)
{
    return out << row.what;
}

const BindingCase bindings[] = {
    {"exporter", true, "p=tls-exporter,,", "exported bytes", {}},
    {"end point", true, "p=tls-server-end-point,,", "digest", {}},
    {"own authzid", true, "p=tls-exporter,a=juliet@example.org,", "exported bytes", {}},
    {"other bytes", true, "p=tls-exporter,,", "exported Bytes", SaslCondition::not_authorized},
    {"cut bytes", true, "p=tls-exporter,,", "exported byte", SaslCondition::not_authorized},
    {"no bytes", true, "p=tls-exporter,,", "", SaslCondition::not_authorized},
    {"bytes of the other type", true, "p=tls-exporter,,", "digest", SaslCondition::not_authorized},
    {"unknown type", true, "p=tls-unique,,", "x", SaslCondition::not_authorized},
    {"plus without binding", true, "n,,", "", SaslCondition::malformed_request},
    {"plus unoffered", true, "y,,", "", SaslCondition::malformed_request},
    {"binding without plus",
     false,
     "p=tls-exporter,,",
     "exported bytes",
     SaslCondition::malformed_request},
    {"a client that cannot", false, "n,,", "", {}},
    {"surplus bytes", false, "n,,", "exported bytes", SaslCondition::not_authorized},
    {"a client that saw no plus", false, "y,,", "", SaslCondition::not_authorized},
};

struct AuthzidCase {
    std::string authzid;
    std::optional<SaslCondition> failure;
};

std::ostream& operator<<(std::ostream& out, const AuthzidCase& row)
{
    return out << row.authzid;
}

const AuthzidCase authzids[] = {
    {"juliet@example.org", {}},
    {"JULIET@EXAMPLE.ORG", {}},
    {"romeo@example.org", SaslCondition::invalid_authzid},
    {"juliet@example.com", SaslCondition::invalid_authzid},
    {"juliet@example.org/balcony", SaslCondition::invalid_authzid},
    {"juliet", SaslCondition::invalid_authzid},
    {"example.org", SaslCondition::invalid_authzid},
    {"@", SaslCondition::invalid_authzid},
};

const std::string bad_users[] = {
    "a b", "a@b", "a/b", "\xff", "\xed\xa0\x80", std::string(1024, 'x')};

} // namespace

BOOST_AUTO_TEST_SUITE(sasl_scram)

BOOST_DATA_TEST_CASE_F(SaslStage, the_dialogues_of_the_rfcs_come_out, data::make(dialogues), row)
{
    const std::string salt = base64_decode(row.salt).value();
    const ScramKeys keys{row.hash, 4096, salt, scram::derive(row.hash, "pencil", salt, 4096)};
    store.accounts["user@example.org"] = {"user@example.org", "example.org", {keys}, {}};
    FixedNonce nonce{row.server_nonce};
    nonces = &nonce;

    SaslExchange exchange{context()};
    const std::string mechanism = mechanism_for(row.hash);
    const SaslStep first = settle(loop, exchange.start(mechanism, row.client_first));
    BOOST_TEST(challenge_of(first) == row.server_first);
    const SaslStep last = settle(loop, exchange.respond(row.client_final));
    BOOST_TEST_REQUIRE(succeeded(last, "user"));
    BOOST_TEST(std::get<SaslSuccess>(last).additional == row.server_final);
    BOOST_TEST(!std::get<SaslSuccess>(last).anonymous);
    BOOST_TEST(exchange.mechanism().has_value());
}

BOOST_DATA_TEST_CASE_F(SaslStage, both_sides_prove_that_they_know_the_password, hashes, hash)
{
    ScramClient client;
    client.hash = hash;
    SaslExchange exchange{context()};
    const std::vector<SaslStep> steps = play(exchange, client);
    BOOST_TEST_REQUIRE(succeeded(steps.back(), "juliet"));
    BOOST_TEST(client.trusts(std::get<SaslSuccess>(steps.back()).additional));

    client.password = "rosaline";
    BOOST_TEST((failed(outcome(client)) == SaslCondition::not_authorized));
}

BOOST_FIXTURE_TEST_CASE(a_store_that_takes_its_time_changes_nothing, SaslStage)
{
    store.slow = true;
    BOOST_TEST(succeeded(outcome({}), "juliet"));
}

BOOST_FIXTURE_TEST_CASE(a_client_without_an_initial_response_is_asked_for_it, SaslStage)
{
    ScramClient client;
    SaslExchange exchange{context()};
    const SaslStep asked = settle(loop, exchange.start("SCRAM-SHA-256", std::nullopt));
    BOOST_TEST(std::holds_alternative<SaslChallenge>(asked));
    BOOST_TEST(challenge_of(asked).empty());
    const std::string opening = client.first();
    const SaslStep first = settle(loop, exchange.respond(opening));
    const std::string last = client.final(challenge_of(first));
    BOOST_TEST(succeeded(settle(loop, exchange.respond(last)), "juliet"));
}

BOOST_FIXTURE_TEST_CASE(names_are_compared_in_their_normal_form, SaslStage)
{
    ScramClient client;
    client.user = "\xef\xbc\xaaULIET"; // begins with a full-width J
    BOOST_TEST(succeeded(outcome(client), "juliet"));
}

BOOST_FIXTURE_TEST_CASE(a_name_with_commas_and_equals_signs_is_unescaped, SaslStage)
{
    add("a,b=c", "r0m30myr0m30");
    ScramClient client;
    client.user = "a=2Cb=3Dc";
    BOOST_TEST(succeeded(outcome(client), "a,b=c"));
}

BOOST_DATA_TEST_CASE_F(SaslStage, what_cannot_be_a_name_is_refused, data::make(bad_users), user)
{
    ScramClient client;
    client.user = user;
    BOOST_TEST((failed(outcome(client)) == SaslCondition::not_authorized));
    BOOST_TEST(store.lookups == 0U);
}

BOOST_DATA_TEST_CASE_F(BoundStage, channel_binding_holds_or_fails, data::make(bindings), row)
{
    ScramClient client;
    client.gs2 = row.gs2;
    client.binding = row.bytes;
    const SaslStep step = outcome(client, row.plus);
    BOOST_TEST((failed(step) == row.failure));
    BOOST_TEST(succeeded(step, "juliet") == !row.failure);
}

BOOST_FIXTURE_TEST_CASE(y_is_fine_where_no_plus_is_offered, BoundStage)
{
    ScramClient client;
    client.gs2 = "y,,";
    policy.mechanisms = {SaslMechanism::scram_sha_256, SaslMechanism::plain};
    BOOST_TEST(succeeded(outcome(client), "juliet"));
    policy = SaslStage{}.policy;
    bindings.clear();
    BOOST_TEST(succeeded(outcome(client), "juliet"));
}

BOOST_FIXTURE_TEST_CASE(a_header_that_changes_between_the_messages_is_noticed, SaslStage)
{
    ScramClient client;
    SaslExchange exchange{context()};
    const std::string opening = client.first();
    const SaslStep first = settle(loop, exchange.start("SCRAM-SHA-256", opening));
    client.gs2 = "y,,";
    const std::string last = client.final(challenge_of(first));
    BOOST_TEST((failed(settle(loop, exchange.respond(last))) == SaslCondition::not_authorized));
}

BOOST_DATA_TEST_CASE_F(SaslStage, one_may_act_for_oneself_alone, data::make(authzids), row)
{
    ScramClient client;
    client.gs2 = "n,a=" + row.authzid + ',';
    const SaslStep step = outcome(client);
    BOOST_TEST((failed(step) == row.failure));
    BOOST_TEST(succeeded(step, "juliet") == !row.failure);
}

BOOST_FIXTURE_TEST_CASE(the_servers_nonce_is_new_each_time_and_extends_the_clients, SaslStage)
{
    ScramClient client;
    const std::string opening = client.first();
    const std::string one = challenge_of(start("SCRAM-SHA-256", opening));
    const std::string two = challenge_of(start("SCRAM-SHA-256", opening));
    const std::string nonce = ScramClient::field(one, 'r');
    BOOST_TEST(nonce.starts_with(client.nonce));
    BOOST_TEST(nonce.size() >= client.nonce.size() + 22);
    BOOST_TEST(nonce != ScramClient::field(two, 'r'));
}

BOOST_FIXTURE_TEST_CASE(a_replayed_final_message_is_refused, SaslStage)
{
    ScramClient client;
    const std::string opening = client.first();
    SaslExchange exchange{context()};
    const SaslStep first = settle(loop, exchange.start("SCRAM-SHA-256", opening));
    const std::string last = client.final(challenge_of(first));
    BOOST_TEST(succeeded(settle(loop, exchange.respond(last)), "juliet"));

    SaslExchange again{context()};
    static_cast<void>(settle(loop, again.start("SCRAM-SHA-256", opening)));
    BOOST_TEST((failed(settle(loop, again.respond(last))) == SaslCondition::not_authorized));
}

BOOST_FIXTURE_TEST_CASE(a_nonce_that_is_not_both_sides_is_refused, SaslStage)
{
    for (const std::string wrong : {"", "x", "rOprNGfwEbeRWgbNEkqO"}) {
        ScramClient client;
        SaslExchange exchange{context()};
        const std::string opening = client.first();
        const SaslStep first = settle(loop, exchange.start("SCRAM-SHA-256", opening));
        const std::string challenge = challenge_of(first);
        const std::string right = ScramClient::field(challenge, 'r');
        // The client signs what it sends, so that the nonce alone is at fault.
        const std::string forged =
            "r=" + (wrong.empty() ? right + "x" : wrong) + challenge.substr(challenge.find(",s="));
        const std::string last = client.final(forged);
        const SaslStep step = settle(loop, exchange.respond(last));
        BOOST_TEST((failed(step) == SaslCondition::not_authorized));
        BOOST_TEST(exchange.work().proofs == 0U);
    }
}

BOOST_FIXTURE_TEST_CASE(a_proof_of_another_length_is_refused, SaslStage)
{
    ScramClient client;
    SaslExchange exchange{context()};
    const std::string opening = client.first();
    const SaslStep first = settle(loop, exchange.start("SCRAM-SHA-256", opening));
    std::string last = client.final(challenge_of(first));
    last.replace(last.rfind(",p="), std::string::npos, ",p=AAAA");
    BOOST_TEST((failed(settle(loop, exchange.respond(last))) == SaslCondition::not_authorized));
}

BOOST_FIXTURE_TEST_CASE(malformed_messages_are_refused, SaslStage)
{
    const SaslStep step = start("SCRAM-SHA-1", "n,,n=juliet");
    BOOST_TEST((failed(step) == SaslCondition::malformed_request));
    BOOST_TEST((failed(start("SCRAM-SHA-1", "")) == SaslCondition::malformed_request));

    SaslExchange exchange{context()};
    static_cast<void>(settle(loop, exchange.start("SCRAM-SHA-1", "n,,n=juliet,r=abc")));
    const SaslStep last = settle(loop, exchange.respond("c=biws"));
    BOOST_TEST((failed(last) == SaslCondition::malformed_request));
}

BOOST_FIXTURE_TEST_CASE(a_store_that_fails_is_no_verdict_on_the_user, SaslStage)
{
    store.failure = Error{Condition::internal_server_error, {}, "the disk is gone", {}};
    BOOST_TEST((failed(outcome({})) == SaslCondition::temporary_auth_failure));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
