// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/trouble.h"

#include "base/log.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "../../fake/clock.h"

namespace sarang::lmdb {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(lmdb_trouble)

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_once_a_minute_and_when_it_is_over)
{
    std::vector<std::string> lines;
    Log::start(
        {.target = [&lines](Log::Level, std::string_view line) { lines.emplace_back(line); }});
    const GroupOutcome refused{0, 3, ENOSPC};
    const GroupOutcome written{1, 0, 0};
    ManualClock clock;
    Trouble trouble;
    for (int minute = 0; minute < 3; ++minute) {
        for (int second = 0; second < 60; ++second) {
            trouble.note(refused, 1 << 20, clock.now());
            BOOST_TEST(trouble.code() == ENOSPC);
            clock.advance(1s);
        }
    }
    BOOST_TEST(lines.size() == 3U);
    BOOST_TEST(lines[0].find("refused=3: No space left") != std::string::npos, lines[0]);
    BOOST_TEST(lines[1].find("refused=183: No space left") != std::string::npos, lines[1]);
    trouble.note(written, 1 << 20, clock.now());
    BOOST_TEST(trouble.code() == 0);
    BOOST_TEST(lines.size() == 4U);
    for (int i = 0; i < 10; ++i) { // by turns
        trouble.note(refused, 1 << 20, clock.now());
        trouble.note(written, 1 << 20, clock.now());
    }
    BOOST_TEST(lines.size() == 6U);
    Log::stop();
}

BOOST_AUTO_TEST_CASE(a_full_map_is_told_with_what_is_to_be_done)
{
    const std::string text = trouble_text(MDB_MAP_FULL, 7 << 20);
    BOOST_TEST(text.find("7 MiB: raise store.map_size") != std::string::npos, text);
    BOOST_TEST(trouble_text(0, 1).empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
