// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(nearest_word)

BOOST_AUTO_TEST_CASE(the_word_that_takes_the_fewest_slips_is_found)
{
    struct Case {
        const char* word;
        const char* meant;
    };

    const std::vector<std::string> known{"data", "shards", "modules", "max_messages", "user add"};
    const Case cases[] = {
        {"dta", "data"},
        {"daat", "data"},
        {"shard", "shards"},
        {"sharsd", "shards"},
        {"max_mesages", "max_messages"},
        {"maxmessages", "max_messages"},
        {"usr add", "user add"},
        {"moduls", "modules"},
        {"frobnicate", ""},
        {"x", ""},
        {"", ""},
        {"data", ""},
    };
    for (const Case& one : cases) {
        BOOST_TEST_CONTEXT(one.word)
        {
            BOOST_TEST(nearest(one.word, known) == one.meant);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_word_without_end_is_like_none)
{
    BOOST_TEST(nearest(std::string(100'000, 'a'), {std::string(100, 'a'), "a"}) == "");
}

BOOST_AUTO_TEST_CASE(a_quoted_word_cannot_move_the_cursor)
{
    BOOST_TEST(in_quotes("a") == "\"a\"");
    BOOST_TEST(in_quotes("\x1b[2J\n") == "\"\\x1b[2J\\x0a\"");
    BOOST_TEST(in_quotes("안녕") == "\"안녕\"");
    BOOST_TEST(in_quotes(std::string(100, 'a')) == "\"" + std::string(80, 'a') + "…\"");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
