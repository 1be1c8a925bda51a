// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_tail.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <string>

namespace sarang::lmdb {

BOOST_AUTO_TEST_SUITE(lmdb_archive_tail)

BOOST_AUTO_TEST_CASE(the_index_finds_just_the_tails_that_are_in_it)
{
    std::mt19937 random{1};
    TailIndex index;
    std::map<std::string, Tail*> expected;
    for (int i = 0; i < 100'000; ++i) {
        // The crowd grows and shrinks by turns.
        const bool grows = i / 20'000 % 2 == 0;
        const std::string owner = "user" + std::to_string(random() % 3000);
        if (random() % 4 < (grows ? 3U : 1U)) {
            Tail& tail = index.need(owner);
            const auto known = expected.try_emplace(owner, &tail).first;
            BOOST_TEST_REQUIRE(known->second == &tail);
            BOOST_TEST_REQUIRE(tail.owner == owner);
        } else {
            index.erase(owner);
            expected.erase(owner);
        }
        const std::string other = "user" + std::to_string(random() % 3000);
        const auto known = expected.find(other);
        BOOST_TEST_REQUIRE(
            index.find(other) == (known == expected.end() ? nullptr : known->second));
    }
    std::size_t visited = 0;
    index.each([&visited, &expected](Tail& tail) {
        ++visited;
        BOOST_TEST_REQUIRE(expected.contains(tail.owner));
    });
    BOOST_TEST(visited == expected.size());
    BOOST_TEST(index.size() == expected.size());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
