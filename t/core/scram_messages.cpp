// SPDX-License-Identifier: Apache-2.0
#include "core/scram_messages.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace sarang::scram {
namespace {

struct HeaderCase {
    std::string text;
    BindingFlag flag;
    std::string binding;
    std::string authzid;
};

std::ostream& operator<<(std::ostream& out, const HeaderCase& row)
{
    return out << row.text;
}

const HeaderCase headers[] = {
    {"n,,", BindingFlag::unsupported, "", ""},
    {"y,,", BindingFlag::unoffered, "", ""},
    {"p=tls-exporter,,", BindingFlag::used, "tls-exporter", ""},
    {"p=A.1-z,,", BindingFlag::used, "A.1-z", ""},
    {"n,a=juliet@example.org,", BindingFlag::unsupported, "", "juliet@example.org"},
    {"y,a=a=2Cb=3Dc,", BindingFlag::unoffered, "", "a,b=c"},
    {"p=tls-exporter,a=x,", BindingFlag::used, "tls-exporter", "x"},
};

const std::string bad_headers[] = {
    "",
    "n",
    "n,",
    ",",
    ",,",
    "x,,",
    "N,,",
    "nn,,",
    "n=,,",
    "p,,",
    "p=,,",
    "p=tls exporter,,",
    "p=tls_exporter,,",
    "P=tls-exporter,,",
    "F,n,,",
    "n,a=,",
    "n,b=x,",
    "n,A=x,",
    "n,a=x",
    "n,a=x=,",
    "n,a=x=2,",
    "n,a=x=2c,",
    "n,a=x=41,",
};

const std::string bad_firsts[] = {
    "",
    "n,,",
    "n,,n=user",
    "n,,n=user,",
    "n,,n=user,r=",
    "n,,n=,r=abc",
    "n,,r=abc,n=user",
    "n,,r=abc",
    "n,,n=us=er,r=abc",
    "n,,n=user,r=a b",
    "n,,n=user,r=a\x7f",
    "n,,n=user,r=a\xc3\xa4",
    "n,,n=user,r=" + std::string(257, 'x'),
    "n,,n=user,r=abc,",
    "n,,n=user,r=abc,,",
    "n,,n=user,r=abc,x",
    "n,,n=user,r=abc,x=",
    "n,,n=user,r=abc,1=x",
    "n,,n=user,r=abc,r=abc",
    "n,,n=user,r=abc,m=x",
    "n,,n=user,r=abc,x=y,m=x",
    "n,,m=x,n=user,r=abc",
    "n,,a=x,n=user,r=abc",
    "n,,n=us\0er,r=abc"s,
    "n,,n=user,r=abc,x=\0"s,
    "n,,n=user,r=ab\0c"s,
    "n=user,r=abc",
};

const std::string bad_finals[] = {
    "",
    "c=biws",
    "c=biws,r=abc",
    "c=biws,r=abc,p=",
    "c=biws,r=abc,p=!!!!",
    "c=biws,r=abc,p=AAA",
    "c=biws,r=abc,p=AAAA,",
    "c=biws,r=abc,p=AAAA,x=y",
    "c=biws,r=abc,p=AAAA,p=AAAA",
    "c=biws,r=abc,m=x,p=AAAA",
    "c=biws,r=abc,c=biws,p=AAAA",
    "c=biws,r=abc,,p=AAAA",
    "c=,r=abc,p=AAAA",
    "c=biws,r=,p=AAAA",
    "r=abc,c=biws,p=AAAA",
    "r=abc,p=AAAA",
    "c=biws,p=AAAA",
    "p=AAAA",
    ",p=AAAA",
    "c=biws,r=a\0c,p=AAAA"s,
};

} // namespace

BOOST_AUTO_TEST_SUITE(scram_messages)

BOOST_DATA_TEST_CASE(a_gs2_header_is_read, data::make(headers), row)
{
    const std::string message = row.text + "n=user,r=abc";
    const auto header = parse_gs2_header(message);
    BOOST_TEST_REQUIRE(header.has_value());
    BOOST_TEST((header->flag == row.flag));
    BOOST_TEST(header->binding == row.binding);
    BOOST_TEST(header->authzid == row.authzid);
    BOOST_TEST(header->text == row.text);
}

BOOST_DATA_TEST_CASE(a_bad_gs2_header_is_refused, data::make(bad_headers), text)
{
    BOOST_TEST(!parse_gs2_header(text).has_value());
    BOOST_TEST(!parse_client_first(text + "n=user,r=abc").has_value());
}

BOOST_AUTO_TEST_CASE(a_clients_first_message_is_read)
{
    const auto first = parse_client_first("n,a=me,n=a=2Cb=3D,r=fyko+d2lbbFg");
    BOOST_TEST_REQUIRE(first.has_value());
    BOOST_TEST(first->user == "a,b=");
    BOOST_TEST(first->nonce == "fyko+d2lbbFg");
    BOOST_TEST(first->bare == "n=a=2Cb=3D,r=fyko+d2lbbFg");
    BOOST_TEST(first->gs2.text == "n,a=me,");
}

BOOST_AUTO_TEST_CASE(extensions_are_passed_over)
{
    const auto first = parse_client_first("n,,n=user,r=abc,x=y,Z=1=2");
    BOOST_TEST_REQUIRE(first.has_value());
    BOOST_TEST(first->nonce == "abc");
    BOOST_TEST(first->bare == "n=user,r=abc,x=y,Z=1=2");

    const auto last = parse_client_final("c=biws,r=abc,x=y,p=AAAA");
    BOOST_TEST_REQUIRE(last.has_value());
    BOOST_TEST(last->without_proof == "c=biws,r=abc,x=y");
}

BOOST_DATA_TEST_CASE(a_bad_first_message_is_refused, data::make(bad_firsts), text)
{
    BOOST_TEST(!parse_client_first(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_clients_final_message_is_read)
{
    const auto last = parse_client_final("c=biws,r=abc,p=AAEC");
    BOOST_TEST_REQUIRE(last.has_value());
    BOOST_TEST(last->binding == "biws");
    BOOST_TEST(last->nonce == "abc");
    BOOST_TEST(last->without_proof == "c=biws,r=abc");
    BOOST_TEST(last->proof == "\0\1\2"s);
}

BOOST_DATA_TEST_CASE(a_bad_final_message_is_refused, data::make(bad_finals), text)
{
    BOOST_TEST(!parse_client_final(text).has_value());
}

BOOST_AUTO_TEST_CASE(the_servers_messages_are_spelt_as_in_rfc_5802)
{
    BOOST_TEST(server_first("abc", "salt", 4096) == "r=abc,s=c2FsdA==,i=4096");
    BOOST_TEST(server_final("\0\1\2"s) == "v=AAEC");
    BOOST_TEST(expected_binding("n,,", "") == "biws");
    BOOST_TEST(expected_binding("p=x,,", "\xff"s) == "cD14LCz/");
    BOOST_TEST(auth_message("a", "b", "c") == "a,b,c");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::scram
