// SPDX-License-Identifier: Apache-2.0
#include "core/credentials.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

#include "sasl_stage.h"

namespace data = boost::unit_test::data;

namespace sarang {
namespace {

struct Refused {
    std::string password;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const Refused& row)
{
    return out << row.text;
}

const Refused refused[] = {
    {"", "The password is empty"},
    {"\xc2\xad", "The password is empty"}, // SASLprep leaves nothing of it
    {"\x07", "The password holds a character that is not allowed"},
    {"\xff", "The password is not UTF-8"},
    {std::string(1024, 'x'), "The password is too long"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(there_are_keys_for_both_hashes_with_salts_of_their_own)
{
    const Secret password{"pencil"};
    const Credentials made = derive_credentials(password, 20).value();
    BOOST_TEST_REQUIRE(made.size() == 2U);
    for (const Hash hash : {Hash::sha1, Hash::sha256}) {
        const ScramKeys* kept = find_keys(made, hash);
        BOOST_TEST_REQUIRE(kept != nullptr);
        BOOST_TEST((kept->hash == hash));
        BOOST_TEST(kept->iterations == 20U);
        BOOST_TEST(kept->salt.size() == salt_size);
        BOOST_TEST((kept->keys == scram::derive(hash, "pencil", kept->salt, 20)));
    }
    BOOST_TEST(made[0].salt != made[1].salt);
    BOOST_TEST(derive_credentials(password, 20).value()[0].salt != made[0].salt);
}

BOOST_AUTO_TEST_CASE(a_password_is_prepared)
{
    const Secret password{"I\xc2\xadX"};
    const Credentials made = derive_credentials(password, 20).value();
    const ScramKeys& kept = *find_keys(made, Hash::sha256);
    BOOST_TEST((kept.keys == scram::derive(Hash::sha256, "IX", kept.salt, 20)));
}

BOOST_DATA_TEST_CASE(a_bad_password_is_refused_with_a_text_for_the_user, data::make(refused), row)
{
    const Secret password{row.password};
    const Result<Credentials> made = derive_credentials(password, 20);
    BOOST_TEST_REQUIRE(!made.has_value());
    BOOST_TEST((made.error().condition == Condition::not_acceptable));
    BOOST_TEST(made.error().text == row.text);
}

BOOST_AUTO_TEST_CASE(keys_that_cannot_be_used_are_not_found)
{
    const Secret password{"pencil"};
    Credentials made = derive_credentials(password, 20).value();
    for (const std::uint32_t iterations : {0U, 0x80000000U}) {
        made[0].iterations = iterations;
        BOOST_TEST(find_keys(made, made[0].hash) == nullptr);
    }
    BOOST_TEST(find_keys({}, Hash::sha1) == nullptr);
}

BOOST_AUTO_TEST_CASE(workers_make_credentials)
{
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    std::optional<WorkerPool> workers{std::in_place, WorkerPool::Options{"hash", 1, 4}};

    const auto made = settle(shards, make_credentials(*workers, Secret{"pencil"}, 20));
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST(made->size() == 2U);
    const auto empty = settle(shards, make_credentials(*workers, Secret{}, 20));
    BOOST_TEST_REQUIRE(!empty.has_value());
    BOOST_TEST((empty.error().condition == Condition::not_acceptable));

    shards.stop();
    workers.reset();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
