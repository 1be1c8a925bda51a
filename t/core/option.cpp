// SPDX-License-Identifier: Apache-2.0
#include "core/option.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

#include "config_stage.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(option)

BOOST_AUTO_TEST_CASE(an_option_has_its_default_until_the_file_says_otherwise)
{
    Schema schema;
    const SampleOptions standard{schema, config_of("")};
    BOOST_TEST(*standard.data == "/var/lib/sarang");
    BOOST_TEST(standard.listen->size() == 1);
    BOOST_TEST((*standard.idle == 5min));
    BOOST_TEST(*standard.tls);
    BOOST_TEST(*standard.stanza == 512U * 1024);
    BOOST_TEST(*standard.messages == 100);
    BOOST_TEST((*standard.deliver == Deliver::durable));

    const SampleOptions said{
        schema,
        config_of("data = \"/srv\"\n"
                  "[c2s]\n"
                  "listen = []\n"
                  "idle = \"1500ms\"\n"
                  "tls = false\n"
                  "stanza = \"2KiB\"\n"
                  "[offline]\n"
                  "max_messages = 7\n"
                  "deliver = \"at_once\"\n")};
    BOOST_TEST(*said.data == "/srv");
    BOOST_TEST(said.listen->empty());
    BOOST_TEST((*said.idle == 1500ms));
    BOOST_TEST(!*said.tls);
    BOOST_TEST(*said.stanza == 2048U);
    BOOST_TEST(*said.messages == 7);
    BOOST_TEST((*said.deliver == Deliver::at_once));
}

BOOST_AUTO_TEST_CASE(a_host_s_table_overrides_the_server_s)
{
    const auto config = config_of("[offline]\nmax_messages = 5\n"
                                  "[host.\"a\".offline]\nmax_messages = 6\n");
    Schema schema;
    BOOST_TEST(*SampleOptions(schema, config, "a").messages == 6);
    BOOST_TEST(*SampleOptions(schema, config, "b").messages == 5);
}

BOOST_AUTO_TEST_CASE(a_value_that_the_check_refuses_counts_as_the_default)
{
    Schema schema;
    const SampleOptions sample{schema, config_of("[offline]\nmax_messages = -5\ndeliver = 3\n")};
    BOOST_TEST(*sample.messages == 100);
    BOOST_TEST((*sample.deliver == Deliver::durable));
}

BOOST_AUTO_TEST_CASE(a_reload_changes_live_options_in_place_and_tells_it)
{
    Schema schema;
    SampleOptions sample{schema, config_of("[offline]\nmax_messages = 7\n")};
    const auto changes = sample.apply(config_of("data = \"/srv\"\n"
                                                "[c2s]\ntls = false\n"
                                                "[offline]\nmax_messages = 8\n"));
    BOOST_REQUIRE(changes.size() == 3);
    BOOST_TEST(changes[0].str() == "data: /var/lib/sarang -> /srv, waits for a restart");
    BOOST_TEST(changes[1].str() == "c2s.tls: true -> false, counts for new connections");
    BOOST_TEST(changes[2].str() == "offline.max_messages: 7 -> 8, took effect");
    BOOST_TEST(*sample.data == "/var/lib/sarang");
    BOOST_TEST(!*sample.tls);
    BOOST_TEST(*sample.messages == 8);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_gone_gives_the_default_back)
{
    Schema schema;
    SampleOptions sample{schema, config_of("[c2s]\nidle = \"1h\"\n"), "a"};
    const auto changes = sample.apply(config_of(""));
    BOOST_REQUIRE(changes.size() == 1);
    BOOST_TEST(changes[0].str() == "c2s.idle: 1h -> 5m, took effect");
    BOOST_TEST((*sample.idle == 5min));
}

BOOST_AUTO_TEST_CASE(a_change_of_a_host_s_option_is_told_with_the_host)
{
    Schema schema;
    SampleOptions sample{schema, config_of(""), "a"};
    const auto changes = sample.apply(config_of("[host.\"a\".offline]\nmax_messages = 1\n"));
    BOOST_REQUIRE(changes.size() == 1);
    BOOST_TEST(changes[0].str() == "host.\"a\".offline.max_messages: 100 -> 1, took effect");
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_restart_is_told_again_until_it_is_taken_back)
{
    Schema schema;
    SampleOptions sample{schema, config_of("")};
    BOOST_TEST(sample.apply(config_of("data = \"/srv\"\n")).size() == 1);
    BOOST_TEST(sample.apply(config_of("data = \"/srv\"\n")).size() == 1);
    BOOST_TEST(sample.apply(config_of("")).empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_told_of_what_stays_the_same)
{
    Schema schema;
    SampleOptions sample{schema, config_of("[c2s]\nidle = \"5m\"\n")};
    BOOST_TEST(sample.apply(config_of("[c2s]\nidle = \"300s\"\n")).empty());
}

BOOST_AUTO_TEST_CASE(who_wants_to_know_is_told_of_the_new_value_once)
{
    Schema schema;
    SampleOptions sample{schema, config_of("")};
    std::vector<std::int64_t> told;
    sample.messages.on_change([&told](std::int64_t value) { told.push_back(value); });
    sample.apply(config_of("[offline]\nmax_messages = 3\n"));
    sample.apply(config_of("[offline]\nmax_messages = 3\n"));
    BOOST_TEST(told == (std::vector<std::int64_t>{3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_option_may_end_while_others_are_being_changed)
{
    struct Second {
        explicit Second(Options& options)
            : option{options.integer("second", 0, {}, "")}
        {}

        Option<std::int64_t> option;
    };

    Schema schema;
    Options options{schema, config_of(""), "a"};
    auto first = options.integer("first", 0, {}, "");
    std::optional<Second> second{std::in_place, options};
    first.on_change([&second](std::int64_t) { second.reset(); });
    BOOST_TEST(options.apply(config_of("[a]\nfirst = 1\nsecond = 1\n")).size() == 1);
}

BOOST_AUTO_TEST_CASE(options_may_outlive_what_declared_them)
{
    Schema schema;
    auto options = std::make_unique<Options>(schema, config_of("[a]\nb = 4\n"), "a");
    const auto number = options->integer("b", 0, {}, "");
    options.reset();
    BOOST_TEST(*number == 4);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
