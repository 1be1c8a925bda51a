// SPDX-License-Identifier: Apache-2.0
#include "core/address_book.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "../fake/clock.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

struct Stage {
    explicit Stage(const std::string& limits = {})
        : config{*Config::parse("[limits]\n" + limits, "test.toml")}
        , book{schema, config, clock}
    {}

    ManualClock clock;
    Schema schema;
    std::shared_ptr<const Config> config;
    AddressBook book;
};

NetworkKey ipv4(std::uint64_t number)
{
    return {NetworkKey::Kind::ipv4, number};
}

} // namespace

BOOST_AUTO_TEST_SUITE(address_book)

BOOST_AUTO_TEST_CASE(each_failed_log_in_is_held_back_twice_as_long_up_to_a_bound)
{
    Stage stage{"login_delay = \"100ms\"\nlogin_delay_max = \"1s\"\n"};
    BOOST_TEST((stage.book.failed(ipv4(1)) == 100ms));
    BOOST_TEST((stage.book.failed(ipv4(1)) == 200ms));
    BOOST_TEST((stage.book.failed(ipv4(1)) == 400ms));
    BOOST_TEST((stage.book.failed(ipv4(1)) == 800ms));
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST((stage.book.failed(ipv4(1)) == 1s));
    }
    BOOST_TEST((stage.book.failed(ipv4(2)) == 100ms));
}

BOOST_AUTO_TEST_CASE(failures_are_forgiven_by_a_success_and_by_time)
{
    Stage stage{"login_memory = \"10m\"\n"};
    static_cast<void>(stage.book.failed(ipv4(1)));
    stage.book.succeeded(ipv4(1));
    BOOST_TEST((stage.book.failed(ipv4(1)) == 100ms));
    stage.clock.advance(11min);
    BOOST_TEST((stage.book.failed(ipv4(1)) == 100ms));
}

BOOST_AUTO_TEST_CASE(a_network_may_have_so_many_connections_that_have_not_logged_in)
{
    Stage stage{"unauthenticated_per_address = 2\n"};
    BOOST_TEST(stage.book.admit(ipv4(1)));
    BOOST_TEST(stage.book.admit(ipv4(1)));
    BOOST_TEST(!stage.book.admit(ipv4(1)));
    BOOST_TEST(stage.book.admit(ipv4(2)));
    stage.book.leave(ipv4(1));
    BOOST_TEST(stage.book.admit(ipv4(1)));
}

BOOST_AUTO_TEST_CASE(a_network_of_which_nothing_is_known_takes_no_room)
{
    Stage stage;
    BOOST_TEST(stage.book.admit(ipv4(1)));
    BOOST_TEST(stage.book.size() == 1U);
    stage.book.leave(ipv4(1));
    BOOST_TEST(stage.book.size() == 0U);
    stage.book.leave(ipv4(1));
    stage.book.succeeded(ipv4(1));
    BOOST_TEST(stage.book.size() == 0U);
}

BOOST_AUTO_TEST_CASE(the_book_is_bounded_and_the_least_lately_used_network_goes_first)
{
    Stage stage{"addresses = 100\n"};
    for (std::uint64_t i = 0; i < 1000; ++i) {
        static_cast<void>(stage.book.failed(ipv4(i)));
        static_cast<void>(stage.book.failed(ipv4(0)));
    }
    BOOST_TEST(stage.book.size() == 100U);
    BOOST_TEST((stage.book.failed(ipv4(0)) == 10s));
    BOOST_TEST((stage.book.failed(ipv4(1)) == 100ms));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
