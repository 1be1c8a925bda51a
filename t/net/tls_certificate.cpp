// SPDX-License-Identifier: Apache-2.0
#include "net/tls_certificate.h"

#include <boost/test/unit_test.hpp>

#include <string>

#include "../fake/certificate.h"

namespace sarang {

BOOST_AUTO_TEST_SUITE(tls_certificate)

BOOST_AUTO_TEST_CASE(the_end_point_is_hashed_as_the_signature_was)
{
    // RFC 5929 §4.1: SHA-256 in place of MD5 and SHA-1; undefined without a hash.
    const struct {
        FakeCertificate certificate;
        std::size_t size;
    } cases[] = {
        {{.hash = "SHA1"}, 32},
        {{.hash = "SHA256"}, 32},
        {{.hash = "SHA384"}, 48},
        {{.hash = "SHA512", .key = "RSA"}, 64},
        {{.key = "ED25519"}, 0},
    };

    for (const auto& one : cases) {
        const X509List chain = read_chain(make_identity(one.certificate).chain);
        BOOST_REQUIRE_EQUAL(chain.size(), 1U);
        BOOST_TEST(end_point_binding(chain.front().get()).size() == one.size);
    }
}

BOOST_AUTO_TEST_CASE(a_chain_is_read_whole_and_in_order)
{
    const std::string first = make_identity({.names = {"a.example"}}).chain;
    const std::string second = make_identity({.names = {"b.example"}}).chain;
    const X509List chain = read_chain("some words\n" + first + second);
    BOOST_REQUIRE_EQUAL(chain.size(), 2U);
    BOOST_TEST(describe(chain[0].get()).names.front() == "a.example");
    BOOST_TEST(describe(chain[1].get()).names.front() == "b.example");
    BOOST_TEST(read_chain("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
