// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/index_lag.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <thread>

namespace sarang::lmdb {
namespace {

using namespace std::chrono_literals;

const std::string romeo = "romeo@montague.example";
const std::string juliet = "juliet@capulet.example";

} // namespace

BOOST_AUTO_TEST_SUITE(index_lag)

BOOST_AUTO_TEST_CASE(who_lags_furthest_is_told)
{
    IndexLag lag{100};
    BOOST_TEST(lag.largest() == 0U);
    BOOST_TEST(!lag.furthest().has_value());
    lag.add(romeo, 60);
    lag.add(juliet, 50);
    lag.add(romeo, 10);
    BOOST_TEST(lag.of(romeo) == 70U);
    BOOST_TEST(lag.largest() == 70U);
    BOOST_TEST((lag.furthest() == romeo));
    BOOST_TEST(!lag.over());
    lag.subtract(romeo, 1000);
    lag.subtract("nobody@capulet.example", 1);
    BOOST_TEST(lag.of(romeo) == 0U);
    BOOST_TEST((lag.furthest() == juliet));
}

BOOST_AUTO_TEST_CASE(it_is_waited_for_who_lags_too_far)
{
    IndexLag lag{100};
    lag.add(romeo, 100);
    BOOST_TEST(!lag.over());
    lag.wait(1h);
    lag.add(romeo, 1);
    lag.add(juliet, 200);
    BOOST_TEST(lag.over());
    std::thread indexer{[&lag] {
        lag.subtract(juliet, 200);
        BOOST_TEST(lag.over());
        lag.subtract(romeo, 1);
    }};
    lag.wait(1h);
    indexer.join();
    BOOST_TEST(!lag.over());
    lag.add(romeo, 1);
    const auto begun = std::chrono::steady_clock::now();
    lag.wait(20ms);
    BOOST_TEST((std::chrono::steady_clock::now() - begun >= 20ms));
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_an_index_that_cannot_be_written)
{
    IndexLag lag{100};
    lag.add(romeo, 101);
    lag.suspend(true);
    BOOST_TEST(!lag.over());
    lag.wait(1h);
    lag.add(romeo, 1);
    BOOST_TEST(!lag.over());
    lag.suspend(false);
    BOOST_TEST(lag.over());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
