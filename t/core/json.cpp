// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(members_keep_their_order)
{
    Json value;
    value.set("b", 1).set("a", "x").set("c", true).set("b", 2);
    BOOST_TEST(value.dump() == R"({"b":2,"a":"x","c":true})");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_the_same)
{
    for (const char* text :
         {"null",
          "true",
          "-5",
          "9223372036854775807",
          "1.5",
          R"("a\nb\u0000c\"\\")",
          "[]",
          "{}",
          R"([1,[2,{"a":[]}],null])",
          R"({"z":{"y":[{}]},"a":""})",
          "\"\xf0\x9f\x8e\x88 안녕\""}) {
        const Result<Json> value = Json::parse(text);
        BOOST_REQUIRE(value);
        const Result<Json> again = Json::parse(value->dump());
        BOOST_REQUIRE(again);
        BOOST_TEST((*again == *value));
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused)
{
    for (const char* text : {"", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\xff\"", "'a'", "\x01"}) {
        BOOST_TEST(!Json::parse(text), text);
    }
}

BOOST_AUTO_TEST_CASE(depth_is_bounded)
{
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    BOOST_TEST(Json::parse(nested(Json::max_depth)).has_value());
    BOOST_TEST(!Json::parse(nested(Json::max_depth + 1)));
    BOOST_TEST(!Json::parse(std::string(1'000'000, '[')));
}

BOOST_AUTO_TEST_CASE(a_number_too_large_becomes_the_greatest_that_fits)
{
    BOOST_TEST(*Json{UINT64_MAX}.integer() == INT64_MAX);
    BOOST_TEST(*Json::parse("18446744073709551615")->integer() == INT64_MAX);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_replaced)
{
    BOOST_TEST(Json{std::string{"a\xff"}}.dump() == "\"a\xef\xbf\xbd\"");
}

BOOST_AUTO_TEST_CASE(a_value_is_asked_for_what_it_is)
{
    const Json value = *Json::parse(R"({"a":[1,"x"]})");
    BOOST_REQUIRE(value.find("a"));
    BOOST_REQUIRE(value.find("a")->elements());
    BOOST_TEST(*value.find("a")->elements()->at(0).integer() == 1);
    BOOST_TEST(*value.find("a")->elements()->at(1).string() == "x");
    BOOST_TEST(value.find("b") == nullptr);
    BOOST_TEST(Json{}.find("b") == nullptr);
    BOOST_TEST(Json{"x"}.integer() == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
