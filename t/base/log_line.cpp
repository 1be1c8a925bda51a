// SPDX-License-Identifier: Apache-2.0
#include "base/log_line.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {

using namespace std::string_view_literals;

namespace {

struct Row {
    std::string_view text;
    std::string_view written;
};

const std::vector<Row> lines{
    {"", ""},
    {"plain text, (with) [all] \"sorts\" of \\ marks=1",
     "plain text, (with) [all] \"sorts\" of \\ marks=1"},
    {"two\nlines\r\n", "two\\nlines\\r\\n"},
    {"tab\there", "tab\\there"},
    {"\0 \x1b[31mred\x7f"sv, "\\x00 \\x1b[31mred\\x7f"},
    {"안녕 🎈 ñ", "안녕 🎈 ñ"},
    {"\xc2\x85\xc2\x9b"
     "2J",
     "\\u{85}\\u{9b}2J"},
    {"\xe2\x80\xae"
     "exe.txt",
     "\\u{202e}exe.txt"},
    {"a\xe2\x80\xa8"
     "b\xe2\x81\xa6"
     "c\xef\xbb\xbf",
     "a\\u{2028}b\\u{2066}c\\u{feff}"},
    // No UTF-8: a lone continuation, cut short, overlong, a surrogate, beyond the last.
    {"\x80", "\\x80"},
    {"\xe2\x80", "\\xe2\\x80"},
    {"\xe2\x28\xa1", "\\xe2(\\xa1"},
    {"\xc0\xaf", "\\xc0\\xaf"},
    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    {"\xff", "\\xff"},
};

const std::vector<Row> values{
    {"balcony", "balcony"},
    {"juliet@example.org/안녕", "juliet@example.org/안녕"},
    {"", "\"\""},
    {"two words", "\"two words\""},
    {"a=b", "\"a=b\""},
    {"say \"hi\"", "\"say \\\"hi\\\"\""},
    {"back\\slash", "\"back\\\\slash\""},
    {"x\" user=\"admin", "\"x\\\" user=\\\"admin\""},
    {"line\nend", "\"line\nend\""},
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_line)

BOOST_AUTO_TEST_CASE(a_line_holds_nothing_that_is_not_printed_as_itself)
{
    for (const Row& row : lines) {
        std::string out;
        escape_line(out, row.text);
        BOOST_TEST(out == row.written);
    }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_cut)
{
    std::string out;
    escape_line(out, std::string(log_line_limit, 'x'));
    BOOST_TEST(out.size() == log_line_limit);
    out.clear();
    escape_line(out, std::string(1'000'000, 'x'));
    BOOST_TEST(out == std::string(log_line_limit, 'x') + "…");
}

BOOST_AUTO_TEST_CASE(a_value_is_quoted_where_its_end_could_be_mistaken)
{
    for (const Row& row : values) {
        std::string out;
        quote_value(out, row.text);
        BOOST_TEST(out == row.written);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
