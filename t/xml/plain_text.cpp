// SPDX-License-Identifier: Apache-2.0
#include "xml/plain_text.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(plain_text)

BOOST_AUTO_TEST_CASE(every_character_but_those_that_xml_escapes_is_plain)
{
    for (int c = 0; c < 256; ++c) {
        const bool plain = c >= ' ' && c < 0x80 &&
                           std::string{"<>&'\""}.find(static_cast<char>(c)) == std::string::npos;
        BOOST_TEST(after_plain(std::string(1, static_cast<char>(c)), 0) == (plain ? 1U : 0U));
        BOOST_TEST(after_plain(std::string(40, static_cast<char>(c)), 3) == (plain ? 40U : 3U));
    }
}

BOOST_AUTO_TEST_CASE(the_first_odd_character_is_found_wherever_it_stands)
{
    for (std::size_t size = 0; size < 70; ++size) {
        const std::string plain(size, 'x');
        BOOST_TEST(is_plain(plain));
        for (std::size_t from = 0; from <= size; ++from) {
            BOOST_TEST(after_plain(plain, from) == size);
        }
        for (std::size_t odd = 0; odd < size; ++odd) {
            std::string text = plain;
            text[odd] = '&';
            BOOST_REQUIRE(!is_plain(text));
            for (std::size_t from = 0; from <= size; ++from) {
                BOOST_REQUIRE(after_plain(text, from) == (from <= odd ? odd : size));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
