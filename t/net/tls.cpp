// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "../fake/certificate.h"

namespace sarang {
namespace {

bool mentions(const Error& error, std::string_view what)
{
    return error.text.find(what) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(a_context_describes_its_certificates)
{
    TlsContext::Options options;
    options.identity = make_identity({.names = {"example.org", "conference.example.org"}});
    options.hosts["other.example"] = make_identity({.names = {"other.example"}});
    const TlsContext::Ptr context = TlsContext::server(options).value();
    BOOST_TEST(context->certificates().size() == 2U);
    const TlsCertificate& first = context->certificate("unknown.example");
    BOOST_TEST(first.subject == "CN=example.org");
    BOOST_TEST(first.issuer == "CN=example.org");
    BOOST_TEST(first.names.size() == 2U);
    BOOST_TEST(first.names.back() == "conference.example.org");
    BOOST_TEST((first.not_before < std::chrono::system_clock::now()));
    BOOST_TEST((first.not_after > std::chrono::system_clock::now()));
    BOOST_TEST(first.fingerprint.size() == 64U);
    BOOST_TEST(context->certificate("other.example").subject == "CN=other.example");
}

BOOST_AUTO_TEST_CASE(what_is_no_identity_is_refused_with_a_reason)
{
    const TlsIdentity good = make_identity({});
    TlsContext::Options options;
    options.identity = good;
    options.identity.chain = "nonsense";
    BOOST_TEST(mentions(TlsContext::server(options).error(), "no certificate"));
    BOOST_TEST(mentions(TlsContext::server(options).error(), good.name));
    options.identity = good;
    options.identity.chain += "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    BOOST_TEST(mentions(TlsContext::server(options).error(), "no certificate"));
    options.identity = good;
    options.identity.key = "";
    BOOST_TEST(mentions(TlsContext::server(options).error(), "no private key"));
    options.identity = good;
    options.identity.key = make_identity({}).key;
    BOOST_TEST(mentions(TlsContext::server(options).error(), "does not belong"));
    options.identity = good;
    options.hosts["other.example"] = TlsIdentity{};
    BOOST_TEST(!TlsContext::server(options).has_value());
    options.hosts.clear();
    options.ciphers = "NO-SUCH-CIPHER";
    BOOST_TEST(mentions(TlsContext::server(options).error(), "NO-SUCH-CIPHER"));
    BOOST_TEST(
        mentions(TlsIdentity::load("/no/chain.pem", "/no/key.pem").error(), "/no/chain.pem"));
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_served_all_the_same)
{
    TlsContext::Options options;
    options.identity = make_identity({.days = -2});
    const TlsContext::Ptr context = TlsContext::server(options).value();
    BOOST_TEST((context->certificate("").not_after < std::chrono::system_clock::now()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
