// SPDX-License-Identifier: Apache-2.0
#include "core/placement.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

BOOST_AUTO_TEST_SUITE(placement)

// What is stored and other nodes rely on these numbers: they never change.
BOOST_AUTO_TEST_CASE(the_hash_of_a_bare_jid_is_frozen)
{
    struct Case {
        std::string_view jid;
        Bucket bucket;
    };

    const Case cases[] = {
        {"romeo@example.org", 3809},
        {"juliet@example.org", 1270},
        {"", 3837},
        {"a@b", 3573},
        {"안녕@example.org", 3105},
        {"🎈@example.org", 1298},
        {"coven@chat.shakespeare.lit", 2890},
        {"localhost", 649},
    };
    for (const Case& one : cases) {
        BOOST_TEST(bucket_of(one.jid) == one.bucket, one.jid);
    }
}

BOOST_AUTO_TEST_CASE(names_that_differ_little_spread_over_all_buckets)
{
    std::vector<int> load(bucket_count);
    for (int i = 0; i < 40 * bucket_count; ++i) {
        ++load[bucket_of("user" + std::to_string(i) + "@example.org")];
    }
    for (const int one : load) {
        BOOST_TEST(one > 0);
        BOOST_TEST(one < 120);
    }
}

BOOST_AUTO_TEST_CASE(each_bucket_has_one_shard_and_each_shard_its_share)
{
    const Placement placement{3};
    std::vector<int> buckets(3);
    for (Bucket bucket = 0; bucket < bucket_count; ++bucket) {
        ++buckets[placement.shard_of(bucket)];
    }
    for (const int share : buckets) {
        BOOST_TEST(share >= bucket_count / 3);
    }
    BOOST_TEST(placement.shard_of("romeo@example.org") == placement.shard_of(Bucket{3809}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
