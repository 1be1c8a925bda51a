// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/named.h"

#include "store/lmdb/records.h"

#include <boost/test/unit_test.hpp>

#include <string>

#include "rows.h"

namespace sarang::lmdb {
namespace {

/// Names whose hashes all collide.
class Collisions : public Rows {
public:
    void put(const std::string& name)
    {
        const NamedRow row = find_hashed(transaction(), Table::values, hashed_, name);
        transaction().put(Table::values, row.key, encode(NamedValue{name, "value of " + name}));
    }

    void erase(const std::string& name)
    {
        const NamedRow row = find_hashed(transaction(), Table::values, hashed_, name);
        BOOST_TEST_REQUIRE(row.record.has_value());
        BOOST_TEST(transaction().erase(Table::values, row.key));
    }

    std::string value(const std::string& name)
    {
        const NamedRow row = find_hashed(transaction(), Table::values, hashed_, name);
        return row.record ? std::string{decode_named_value(*row.record).value().value} : "none";
    }

private:
    Key hashed_ = Key{7}.hash(hash128("the same for all"));
};

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_named)

BOOST_FIXTURE_TEST_CASE(names_whose_hashes_collide_are_told_apart, Collisions)
{
    for (const char* name : {"a", "b", "c"}) {
        BOOST_TEST(value(name) == "none");
        put(name);
    }
    for (const std::string name : {"a", "b", "c"}) {
        BOOST_TEST(value(name) == "value of " + name);
    }
}

BOOST_FIXTURE_TEST_CASE(the_place_of_an_erased_name_is_used_again, Collisions)
{
    for (const char* name : {"a", "b", "c"}) {
        put(name);
    }
    erase("a");
    BOOST_TEST(value("a") == "none");
    BOOST_TEST(value("b") == "value of b");
    put("d");
    erase("b");
    put("a");
    for (const std::string name : {"a", "c", "d"}) {
        BOOST_TEST(value(name) == "value of " + name);
    }
    BOOST_TEST(value("b") == "none");
}

BOOST_FIXTURE_TEST_CASE(a_name_is_no_prefix_of_another, Collisions)
{
    const std::string longest(2047, 'x');
    put(longest);
    put(longest + 'x');
    BOOST_TEST(value(longest) == "value of " + longest);
    BOOST_TEST(value("x") == "none");
    BOOST_TEST(value("") == "none");
}

BOOST_FIXTURE_TEST_CASE(more_collisions_than_places_are_no_silent_loss, Collisions)
{
    for (int i = 0; i < 256; ++i) {
        put(std::to_string(i));
    }
    BOOST_TEST(!transaction().failed());
    put("one too many");
    BOOST_TEST(transaction().failed());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
