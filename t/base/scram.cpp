// SPDX-License-Identifier: Apache-2.0
#include "base/scram.h"

#include "base/bytes.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

std::string decoded(std::string_view text)
{
    return base64_decode(text).value();
}

struct Exchange {
    Hash hash;
    std::string_view salt; ///< base64, as are the last two
    std::string auth_message;
    std::string_view proof;
    std::string_view signature;
};

constexpr std::uint32_t iterations = 4096;

// Of user "user" with password "pencil": RFC 5802 §5 and RFC 7677 §3.
const std::vector<Exchange> exchanges{
    {Hash::sha1,
     "QSXCR+Q6sek8bf92",
     "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
     "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {Hash::sha256,
     "W22ZaJ0SNY7soEsUEjb6gQ==",
     "n=user,r=rOprNGfwEbeRWgbNEkqO,"
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

scram::Keys keys_of(const Exchange& exchange, std::string_view password)
{
    return scram::derive(exchange.hash, password, decoded(exchange.salt), iterations);
}

} // namespace

BOOST_AUTO_TEST_SUITE(scram_keys)

BOOST_AUTO_TEST_CASE(the_right_proof_is_taken)
{
    for (const Exchange& exchange : exchanges) {
        const auto keys = keys_of(exchange, "pencil");
        BOOST_TEST(
            scram::proves(exchange.hash, keys, exchange.auth_message, decoded(exchange.proof)));
    }
}

BOOST_AUTO_TEST_CASE(the_server_signs_as_the_rfc_does)
{
    for (const Exchange& exchange : exchanges) {
        const auto keys = keys_of(exchange, "pencil");
        const Digest signature =
            scram::server_signature(exchange.hash, keys, exchange.auth_message);
        BOOST_TEST(base64_encode(signature.view()) == exchange.signature);
    }
}

BOOST_AUTO_TEST_CASE(a_proof_with_any_bit_changed_is_refused)
{
    for (const Exchange& exchange : exchanges) {
        const auto keys = keys_of(exchange, "pencil");
        const std::string right = decoded(exchange.proof);
        for (std::size_t bit = 0; bit < 8 * right.size(); ++bit) {
            std::string wrong = right;
            wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ 1 << bit % 8);
            BOOST_TEST(!scram::proves(exchange.hash, keys, exchange.auth_message, wrong));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_proof_of_another_length_is_refused)
{
    for (const Exchange& exchange : exchanges) {
        const auto keys = keys_of(exchange, "pencil");
        const std::string right = decoded(exchange.proof);
        const std::vector<std::string> wrong{
            "", right.substr(1), right + '\0', right + right, std::string(1000, 'x')};
        for (const std::string& proof : wrong) {
            BOOST_TEST(!scram::proves(exchange.hash, keys, exchange.auth_message, proof));
        }
    }
}

BOOST_AUTO_TEST_CASE(another_password_or_exchange_is_refused)
{
    for (const Exchange& exchange : exchanges) {
        const std::string proof = decoded(exchange.proof);
        const auto other = keys_of(exchange, "pencil ");
        BOOST_TEST(!scram::proves(exchange.hash, other, exchange.auth_message, proof));
        const auto keys = keys_of(exchange, "pencil");
        BOOST_TEST(!scram::proves(exchange.hash, keys, exchange.auth_message + "x", proof));
        BOOST_TEST(!(keys == other));
    }
}

BOOST_AUTO_TEST_CASE(keys_follow_from_the_salted_password_alone)
{
    for (const Exchange& exchange : exchanges) {
        const Digest salted = pbkdf2(exchange.hash, "pencil", decoded(exchange.salt), iterations);
        BOOST_TEST((scram::derive(exchange.hash, salted) == keys_of(exchange, "pencil")));
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
