// SPDX-License-Identifier: Apache-2.0
#include "core/command_text.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

std::string text(const char* json)
{
    return text_of(Json::parse(json).value());
}

BOOST_AUTO_TEST_SUITE(command_text)

BOOST_AUTO_TEST_CASE(a_result_has_the_shape_that_people_read_best)
{
    BOOST_TEST(text("null") == "");
    BOOST_TEST(text(R"("done")") == "done\n");
    BOOST_TEST(text("3") == "3\n");
    BOOST_TEST(text("[]") == "");
    BOOST_TEST(text(R"(["a","b"])") == "a\nb\n");
    BOOST_TEST(
        text(R"({"jid":"a@b","last_seen":null,"on":true,"load":0.5,"of":["x","y"],"none":[]})") ==
        "jid:       a@b\n"
        "last seen: -\n"
        "on:        yes\n"
        "load:      0.50\n"
        "of:        x, y\n"
        "none:      -\n");
}

BOOST_AUTO_TEST_CASE(rows_become_a_table_with_all_their_columns)
{
    BOOST_TEST(
        text(R"([{"jid":"안녕@b","from":"x"},{"jid":"a@b","idle_time":3}])") ==
        "jid   from  idle time\n"
        "안녕@b  x     -\n"
        "a@b   -     3\n");
}

BOOST_AUTO_TEST_CASE(what_is_inside_is_indented)
{
    BOOST_TEST(
        text(R"({"host":"a","counts":{"users":2},"modules":[{"name":"ping","images":1}]})") ==
        "host:    a\n"
        "counts:\n"
        "  users: 2\n"
        "modules:\n"
        "  name  images\n"
        "  ping  1\n");
}

BOOST_AUTO_TEST_CASE(no_value_can_move_the_cursor)
{
    BOOST_TEST(text(R"({"name":"a\u001b[2J\nb"})") == "name: a?[2J?b\n");
    BOOST_TEST(line_of(Json::parse(R"({"a":"x\ty","b":"z"})").value()) == "x?y\tz\n");
}

BOOST_AUTO_TEST_CASE(a_row_of_a_long_answer_is_a_line)
{
    BOOST_TEST(line_of(Json::parse(R"({"jid":"a@b","n":2})").value()) == "a@b\t2\n");
    BOOST_TEST(line_of(Json{"a"}) == "a\n");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
