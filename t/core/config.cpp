// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "config_stage.h"

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(values_keep_their_place_and_their_line)
{
    const auto config = config_of("data = \"/srv\"\n"
                                  "[offline]\n"
                                  "max_messages = 5\n"
                                  "\n"
                                  "[host.\"example.org\"]\n"
                                  "certificate = \"a.crt\"\n"
                                  "[host.\"example.org\".offline]\n"
                                  "max_messages = 6\n");
    const auto line = [&](ConfigKey key) {
        const ConfigValue* value = config->find(key);
        return value == nullptr ? 0 : value->line;
    };
    BOOST_TEST(line({"", "", "data"}) == 1);
    BOOST_TEST(line({"", "offline", "max_messages"}) == 3);
    BOOST_TEST(line({"example.org", "host", "certificate"}) == 6);
    BOOST_TEST(line({"example.org", "offline", "max_messages"}) == 8);
    BOOST_TEST(line({"", "offline", "max"}) == 0);
}

BOOST_AUTO_TEST_CASE(a_host_s_own_value_comes_before_the_server_s)
{
    const auto config = config_of("[offline]\n"
                                  "max_messages = 5\n"
                                  "[host.\"a\".offline]\n"
                                  "max_messages = 6\n"
                                  "[host.\"b\"]\n");
    const auto value = [&](const char* host) {
        return std::get<std::int64_t>(
            config->effective({host, "offline", "max_messages"})->value.content);
    };
    BOOST_TEST(value("a") == 6);
    BOOST_TEST(value("b") == 5);
    BOOST_TEST(value("") == 5);
    BOOST_TEST(config->effective({"a", "offline", "deliver"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(hosts_come_in_the_order_of_the_file)
{
    const auto config = config_of("[host.\"b\"]\n[host.\"a\"]\n[host.\"c\".offline]\n");
    std::vector<std::string> names;
    for (const ConfigHost& host : config->hosts()) {
        names.push_back(host.name);
    }
    BOOST_TEST(
        names == (std::vector<std::string>{"b", "a", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_inline_table_is_a_table)
{
    const auto config = config_of("offline = { max_messages = 7 }\n");
    BOOST_REQUIRE(config->find({"", "offline", "max_messages"}));
    BOOST_TEST(config->tables().size() == 1);
}

BOOST_AUTO_TEST_CASE(names_are_told_as_they_are_written)
{
    struct Case {
        ConfigKey key;
        const char* text;
    };

    const Case cases[] = {
        {{"", "", "data"}, "data"},
        {{"", "offline", "max_messages"}, "offline.max_messages"},
        {{"example.org", "host", "key"}, "host.\"example.org\".key"},
        {{"example.org", "offline", "max"}, "host.\"example.org\".offline.max"},
        {{"", "", "b a d"}, "\"b a d\""},
        {{"", "", "a\x1b[2J"}, "\"a\\x1b[2J\""},
    };
    for (const Case& one : cases) {
        BOOST_TEST(one.key.str() == one.text);
    }
    BOOST_TEST(
        (ConfigTable{"example.org", "offline", 1}.str()) == "[host.\"example.org\".offline]");
    BOOST_TEST((ConfigTable{"example.org", "host", 1}.str()) == "[host.\"example.org\"]");
    BOOST_TEST((ConfigTable{"", "offline", 1}.str()) == "[offline]");
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_told_with_its_line)
{
    struct Case {
        const char* text;
        const char* begin;
    };

    const Case cases[] = {
        {"a = 1\nb = \n", "sarangd.toml:2: "},
        {"[a\n", "sarangd.toml:1: "},
        {"a = 1\n\na = 2\n", "sarangd.toml:3: "},
        {"a = \"\xff\"\n", "sarangd.toml:1: "},
        {"a = 99999999999999999999\n", "sarangd.toml:1: "},
    };
    for (const Case& one : cases) {
        const auto config = Config::parse(one.text, "sarangd.toml");
        BOOST_REQUIRE(!config);
        BOOST_TEST(config.error().text.starts_with(one.begin), config.error().text);
    }
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_refused)
{
    const std::string deep = "a = " + std::string(100'000, '[') + std::string(100'000, ']');
    BOOST_TEST(!Config::parse(deep, "sarangd.toml"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_told_by_its_name)
{
    const auto missing = Config::load("/nowhere/sarangd.toml");
    BOOST_REQUIRE(!missing);
    BOOST_TEST(missing.error().text == "/nowhere/sarangd.toml: No such file or directory");
    const auto folder = Config::load("/tmp");
    BOOST_REQUIRE(!folder);
    BOOST_TEST(folder.error().text == "/tmp: Is a directory");
}

BOOST_AUTO_TEST_CASE(a_file_is_read_whole)
{
    const auto path = std::filesystem::temp_directory_path() /
                      ("sarang-config-" + std::to_string(::getpid()) + ".toml");
    std::ofstream{path} << "shards = 2\n";
    const auto config = Config::load(path.string());
    std::filesystem::remove(path);
    BOOST_REQUIRE(config);
    BOOST_TEST(((*config)->find({"", "", "shards"}) != nullptr));
}

BOOST_AUTO_TEST_CASE(a_relative_path_begins_at_the_file_s_folder)
{
    const auto config = Config::parse("", "/etc/sarang/sarangd.toml");
    BOOST_TEST((*config)->resolve("tls/a.crt") == "/etc/sarang/tls/a.crt");
    BOOST_TEST((*config)->resolve("../a.crt") == "/etc/a.crt");
    BOOST_TEST((*config)->resolve("/srv/a.crt") == "/srv/a.crt");
    BOOST_TEST(config_of("")->resolve("data") == "data");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
