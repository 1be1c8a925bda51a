// SPDX-License-Identifier: Apache-2.0
#include "core/archive_ids.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace sarang {
namespace {

constexpr std::string_view juliet = "juliet@localhost";

struct Stage {
    ArchiveIds ids{Secret{std::string(32, 'k')}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(archive_ids, Stage)

BOOST_AUTO_TEST_CASE(an_id_that_was_shown_is_known_again)
{
    for (const std::uint64_t number :
         {std::uint64_t{1}, std::uint64_t{1} << 40U, ~std::uint64_t{}}) {
        const std::string shown = ids.show(juliet, ArchiveId{number});
        BOOST_TEST(shown.size() == 22U);
        BOOST_TEST((ids.read(juliet, shown) == ArchiveId{number}));
        BOOST_TEST(ids.show(juliet, ArchiveId{number}) == shown);
    }
}

BOOST_AUTO_TEST_CASE(ids_in_a_row_look_like_nothing_of_the_kind)
{
    std::set<std::string> heads;
    for (std::uint64_t number = 1; number <= 64; ++number) {
        heads.insert(ids.show(juliet, ArchiveId{number}).substr(0, 8));
    }
    BOOST_TEST(heads.size() == 64U);
}

BOOST_AUTO_TEST_CASE(an_id_of_another_archive_or_another_host_is_unknown)
{
    const std::string shown = ids.show("romeo@localhost", ArchiveId{7});
    BOOST_TEST((ids.read(juliet, shown) == std::nullopt));
    ArchiveIds others{Secret{std::string(32, 'o')}};
    BOOST_TEST((others.read("romeo@localhost", shown) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(what_was_made_up_is_unknown)
{
    const std::string shown = ids.show(juliet, ArchiveId{7});
    for (const std::string& text :
         {std::string{},
          shown.substr(1),
          shown + "A",
          std::string(22, 'A'),
          std::string(22, '='),
          std::string(21, '!') + "A",
          std::string{"28482-98726-73623"},
          std::string(1000, 'x')}) {
        BOOST_TEST((ids.read(juliet, text) == std::nullopt), text);
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
        std::string other = shown;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        BOOST_TEST((ids.read(juliet, other) == std::nullopt), other);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
