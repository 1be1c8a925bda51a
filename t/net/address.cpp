// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <sys/socket.h>

namespace sarang {

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(addresses_are_parsed_and_written)
{
    const struct {
        const char* text;
        const char* written;
    } cases[] = {
        {"127.0.0.1:5222", "127.0.0.1:5222"},
        {"[::]:5269", "[::]:5269"},
        {"[2001:DB8:0:0::1]:1", "[2001:db8::1]:1"},
        {"[::ffff:192.0.2.7]:80", "192.0.2.7:80"},
        {"[fe80::1%7]:80", "[fe80::1%7]:80"},
        {"/run/sarang.sock", "unix:/run/sarang.sock"},
        {"unix:relative", "unix:relative"},
    };

    for (const auto& one : cases) {
        const Result<SocketAddress> address = SocketAddress::parse(one.text);
        BOOST_REQUIRE_MESSAGE(address, one.text);
        BOOST_TEST(address->str() == one.written);
        BOOST_TEST((SocketAddress::parse(address->str()).value() == *address));
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused)
{
    const std::string long_path(200, 'x');
    for (const std::string& text :
         {std::string{""},
          std::string{"127.0.0.1"},
          std::string{"127.0.0.1:"},
          std::string{"127.0.0.1:70000"},
          std::string{"127.0.0.1:5222x"},
          std::string{"256.0.0.1:1"},
          std::string{"::1:5222"},
          std::string{"[127.0.0.1]:5222"},
          std::string{"[::1:5222"},
          std::string{"[fe80::1%nowhere]:1"},
          std::string{"localhost:5222"},
          std::string{"unix:"},
          "/" + long_path}) {
        BOOST_TEST(!SocketAddress::parse(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(an_address_survives_the_system_form)
{
    for (const char* text : {"192.0.2.1:5222", "[2001:db8::1]:5222", "[fe80::1%3]:1", "/a/b"}) {
        const SocketAddress address = SocketAddress::parse(text).value();
        sockaddr_storage system;
        BOOST_TEST(address.to(system) != 0U);
        BOOST_TEST((SocketAddress::from(system) == address), text);
    }
}

BOOST_AUTO_TEST_CASE(a_network_is_an_ipv4_address_or_64_bits_of_ipv6)
{
    const auto key = [](const char* text) {
        return SocketAddress::parse(text).value().network_key();
    };
    BOOST_TEST(key("192.0.2.1:1").str() == "192.0.2.1");
    BOOST_TEST((key("192.0.2.1:1") == key("[::ffff:192.0.2.1]:2")));
    BOOST_TEST((key("192.0.2.1:1") != key("192.0.2.2:1")));
    BOOST_TEST(key("[2001:db8:1:2::3]:1").str() == "2001:db8:1:2::/64");
    BOOST_TEST((key("[2001:db8:1:2::3]:1") == key("[2001:db8:1:2:ffff::]:1")));
    BOOST_TEST((key("[2001:db8:1:2::3]:1") != key("[2001:db8:1:3::3]:1")));
    BOOST_TEST((key("[::c000:201]:1") != key("0.0.0.0:1")));
    BOOST_TEST(key("/a").str() == "local");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
