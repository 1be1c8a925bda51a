// SPDX-License-Identifier: Apache-2.0
#include "xml/utf8.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_code_point_is_written_and_read)
{
    for (char32_t value = 0; value <= 0x10FFFF; ++value) {
        if (value >= 0xD800 && value < 0xE000) {
            continue;
        }
        std::string text;
        append_utf8(text, value);
        const CodePoint first = first_code_point(text);
        BOOST_REQUIRE(first.value == value);
        BOOST_REQUIRE(first.size == text.size());
        for (std::size_t size = 1; size < text.size(); ++size) {
            BOOST_REQUIRE(first_code_point(text.substr(0, size)).cut);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_utf_8_is_no_code_point)
{
    for (const std::string_view text :
         {"\x80",
          "\xBF",
          "\xC0\x80",
          "\xC1\xBF",
          "\xC3(",
          "\xE0\x80\x80",
          "\xE0\x9F\xBF",
          "\xE2\x82(",
          "\xED\xA0\x80",
          "\xED\xBF\xBF",
          "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80",
          "\xFE",
          "\xFF"}) {
        BOOST_TEST(first_code_point(text).size == 0);
        BOOST_TEST(!first_code_point(text).cut);
    }
    BOOST_TEST(first_code_point("").size == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
