// SPDX-License-Identifier: Apache-2.0
#include "xml/jid_list.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sarang {
namespace {

using namespace std::string_view_literals;

const std::vector<Jid> list{Jid::parse("a@b").value(), Jid::parse("b/c").value()};

} // namespace

BOOST_AUTO_TEST_SUITE(jid_list)

// On disk: a change of these bytes needs a new version of all that holds such a list.
BOOST_AUTO_TEST_CASE(the_bytes_of_a_list_are_frozen)
{
    BytesWriter out;
    write_jids(out, list);
    BOOST_TEST(out.bytes() == "\2\3a@b\3b/c"sv);
    BytesWriter none;
    write_jids(none, {});
    BOOST_TEST(none.bytes() == "\0"sv);
}

BOOST_AUTO_TEST_CASE(a_list_comes_back_as_it_was)
{
    BytesReader in{"\2\3a@b\3b/c!"sv};
    std::vector<Jid> read;
    BOOST_TEST(read_jids(in, read));
    BOOST_TEST((read == list));
    BOOST_TEST(in.rest() == "!");
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_refused)
{
    for (const std::string_view bytes : {""sv, "\2\3a@b"sv, "\1\3a@"sv, "\1\3@@@"sv, "\x7f"sv}) {
        BytesReader in{bytes};
        std::vector<Jid> read;
        BOOST_TEST(!read_jids(in, read), bytes);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
