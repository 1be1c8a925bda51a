// SPDX-License-Identifier: Apache-2.0
#include "xml/saslprep.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace sarang {
namespace {

struct Prepared {
    std::string text;
    std::string expected;
};

std::ostream& operator<<(std::ostream& out, const Prepared& row)
{
    return out << row.text;
}

const Prepared prepared[] = {
    {"", ""},
    {"user", "user"},
    {"USER", "USER"},
    {"two words ~!", "two words ~!"},
    {"I\xc2\xadX", "IX"},             // RFC 4013 §3: a soft hyphen goes
    {"\xc2\xad", ""},                 // and may leave nothing
    {"\xc2\xaa", "a"},                // feminine ordinal
    {"\xe2\x85\xa8", "IX"},           // roman nine
    {"a\xc2\xa0z", "a z"},            // a non-breaking space is a space
    {"e\xcc\x81", "\xc3\xa9"},        // composed
    {"\xed\x95\x9c", "\xed\x95\x9c"}, // Hangul stays
    {"\xd8\xa7\xd8\xa8", "\xd8\xa7\xd8\xa8"},
    {"\xf0\x9f\x8e\x88", "\xf0\x9f\x8e\x88"}, // newer than Unicode 3.2
};

struct Refused {
    std::string text;
    std::string reason;
};

std::ostream& operator<<(std::ostream& out, const Refused& row)
{
    return out << row.reason;
}

const Refused refused[] = {
    {"\x07", "holds a character that is not allowed"},
    {"a\x7f", "holds a character that is not allowed"},
    {"a\0b"s, "holds a character that is not allowed"},
    {"\xc3\xa9\0"s, "holds a character that is not allowed"},
    {"\xef\xbf\xbd", "holds a character that is not allowed"},
    {"\xd8\xa7\x31", "mixes writing directions"},
    {"\xd8\xa7z\xd8\xa7", "mixes writing directions"},
    {"\xff", "is not UTF-8"},
    {"\xc3", "is not UTF-8"},
    {"\xc0\x80", "is not UTF-8"},
    {"\xed\xa0\x80", "is not UTF-8"},
    {"\xf4\x90\x80\x80", "is not UTF-8"},
    {std::string(1024, 'x'), "is too long"},
};

std::string many(const char* text, std::size_t count)
{
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(saslprep_of_passwords)

BOOST_DATA_TEST_CASE(a_text_is_prepared, data::make(prepared), row)
{
    const Result<std::string> text = saslprep(row.text);
    BOOST_TEST_REQUIRE(text.has_value());
    BOOST_TEST(*text == row.expected);
}

BOOST_DATA_TEST_CASE(what_is_prohibited_is_refused_with_its_reason, data::make(refused), row)
{
    const Result<std::string> text = saslprep(row.text);
    BOOST_TEST_REQUIRE(!text.has_value());
    BOOST_TEST((text.error().condition == Condition::not_acceptable));
    BOOST_TEST(text.error().text == row.reason);
}

BOOST_AUTO_TEST_CASE(a_text_that_grows_is_bounded)
{
    // One code point of this becomes eighteen.
    BOOST_TEST(saslprep(many("\xef\xb7\xba", 20)).has_value());
    const Result<std::string> text = saslprep(many("\xef\xb7\xba", 341));
    BOOST_TEST_REQUIRE(!text.has_value());
    BOOST_TEST(text.error().text == "is too long");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
