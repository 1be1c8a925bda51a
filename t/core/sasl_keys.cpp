// SPDX-License-Identifier: Apache-2.0
// An unknown user looks like a wrong password.
#include "core/sasl_keys.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

#include "sasl_stage.h"

namespace sarang {
namespace {

const std::array<Hash, 2> hashes{Hash::sha1, Hash::sha256};

struct KeysStage : SaslStage {
    KeysStage()
    {
        // An account as an import from elsewhere may leave it.
        add("imogen", "r0m30myr0m30");
        auto& credentials = store.accounts["imogen@example.org"].credentials;
        std::erase_if(credentials, [](const auto& kept) { return kept.hash == Hash::sha256; });
    }

    struct Seen {
        std::string salt;
        std::string iterations;
        SaslFailure failure;
        SaslWork work;
        unsigned lookups;
    };

    /// What somebody with a wrong password sees, and what it cost.
    Seen fail_as(const std::string& user, Hash hash)
    {
        ScramClient client;
        client.hash = hash;
        client.user = user;
        client.password = "rosaline";
        store.lookups = 0;
        SaslExchange exchange{context()};
        const std::vector<SaslStep> steps = play(exchange, client);
        BOOST_TEST_REQUIRE(steps.size() == 2U);
        BOOST_TEST_REQUIRE(failed(steps.back()).has_value());
        const std::string challenge = challenge_of(steps.front());
        return {
            ScramClient::field(challenge, 's'),
            ScramClient::field(challenge, 'i'),
            std::get<SaslFailure>(steps.back()),
            exchange.work(),
            store.lookups};
    }
};

void check_alike(const KeysStage::Seen& one, const KeysStage::Seen& other)
{
    BOOST_TEST(one.salt.size() == other.salt.size());
    BOOST_TEST(one.salt != other.salt);
    BOOST_TEST(one.iterations == other.iterations);
    BOOST_TEST(one.failure.condition == other.failure.condition);
    BOOST_TEST(one.failure.text == other.failure.text);
    BOOST_TEST((one.work == other.work));
    BOOST_TEST(one.lookups == other.lookups);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sasl_keys)

BOOST_DATA_TEST_CASE_F(KeysStage, an_unknown_user_is_like_a_wrong_password, hashes, hash)
{
    const Seen known = fail_as("juliet", hash);
    const Seen unknown = fail_as("tybalt", hash);
    check_alike(known, unknown);
    const SaslWork expected{.lookups = 1, .decoys = 1, .proofs = 1};
    BOOST_TEST((unknown.work == expected));
    BOOST_TEST(unknown.lookups == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_account_without_keys_for_the_hash_is_like_an_unknown_user, KeysStage)
{
    check_alike(fail_as("juliet", Hash::sha256), fail_as("imogen", Hash::sha256));
    store.accounts["imogen@example.org"].credentials.front().iterations = 0;
    check_alike(fail_as("juliet", Hash::sha1), fail_as("imogen", Hash::sha1));
}

BOOST_FIXTURE_TEST_CASE(the_salt_of_an_unknown_user_lasts_and_is_his_own, KeysStage)
{
    const std::string salt = fail_as("tybalt", Hash::sha256).salt;
    BOOST_TEST(fail_as("tybalt", Hash::sha256).salt == salt);
    BOOST_TEST(fail_as("TYBALT", Hash::sha256).salt == salt);
    BOOST_TEST(fail_as("mercutio", Hash::sha256).salt != salt);
    BOOST_TEST(fail_as("tybalt", Hash::sha1).salt != salt);
    policy.secret += '!';
    BOOST_TEST(fail_as("tybalt", Hash::sha256).salt != salt);
}

BOOST_FIXTURE_TEST_CASE(the_salt_of_an_unknown_user_differs_from_host_to_host, KeysStage)
{
    const std::string salt = fail_as("tybalt", Hash::sha256).salt;
    policy.domain = "example.com";
    BOOST_TEST(fail_as("tybalt", Hash::sha256).salt != salt);
}

BOOST_FIXTURE_TEST_CASE(the_salt_is_the_same_with_and_without_channel_binding, KeysStage)
{
    // As it is for one who exists: his salt belongs to the hash.
    bindings = {{"tls-exporter", "bytes"}};
    const SaslStep plus = start("SCRAM-SHA-1-PLUS", "p=tls-exporter,,n=tybalt,r=abc");
    const SaslStep bare = start("SCRAM-SHA-1", "n,,n=tybalt,r=abc");
    const std::string salt = ScramClient::field(challenge_of(plus), 's');
    BOOST_TEST(!salt.empty());
    BOOST_TEST(salt == ScramClient::field(challenge_of(bare), 's'));
}

BOOST_FIXTURE_TEST_CASE(nobody_can_prove_to_be_an_unknown_user, KeysStage)
{
    // Not even with the keys that he seems to have.
    SaslWork work;
    const SaslContext stage = context();
    const auto keys = settle(loop, find_sasl_keys(stage, work, "tybalt", Hash::sha256));
    BOOST_TEST_REQUIRE(keys.has_value());
    BOOST_TEST(!keys->real);
    BOOST_TEST(keys->kept.salt.size() == salt_size);
    BOOST_TEST(keys->kept.iterations == iterations);
    BOOST_TEST(keys->kept.keys.stored_key.size() == 32U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
