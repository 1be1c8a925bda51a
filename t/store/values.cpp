// SPDX-License-Identifier: Apache-2.0
#include "store/keyed_store.h"
#include "store/secrets.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "backends.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* romeo = "romeo@montague.example";

} // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_value_is_kept_by_owner_and_name, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string odd{"\1\0\xff", 3};
    kept.get(kept.values().put(juliet, "blocking", odd));
    kept.get(kept.values().put(juliet, "vcard", ""));
    kept.get(kept.values().put(romeo, "blocking", "other"));
    kept.reopen();
    BOOST_TEST(kept.get(kept.values().get(juliet, "blocking")).value() == odd);
    BOOST_TEST(kept.get(kept.values().get(juliet, "vcard")).value() == "");
    BOOST_TEST(kept.get(kept.values().get(romeo, "blocking")).value() == "other");
    BOOST_TEST(!kept.get(kept.values().get(romeo, "vcard")).has_value());
    BOOST_TEST(!kept.get(kept.values().get("nobody@capulet.example", "vcard")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_value_is_replaced_and_erased, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.values().put(juliet, "vcard", "one"));
    kept.get(kept.values().put(juliet, "vcard", "two"));
    BOOST_TEST(kept.get(kept.values().get(juliet, "vcard")).value() == "two");
    BOOST_TEST(kept.get(kept.values().erase(juliet, "vcard")));
    BOOST_TEST(!kept.get(kept.values().erase(juliet, "vcard")));
    BOOST_TEST(!kept.get(kept.values().erase(romeo, "vcard")));
    BOOST_TEST(!kept.get(kept.values().get(juliet, "vcard")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(erasing_one_value_leaves_the_owner_the_rest, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.accounts().create(Account{juliet, "capulet.example", {}, {}}));
    kept.get(kept.values().put(juliet, "vcard", "one"));
    kept.get(kept.values().erase(juliet, "vcard"));
    BOOST_TEST(kept.get(kept.accounts().find(juliet)).has_value());
    kept.get(kept.values().put("room@rooms.example", "a", "1"));
    kept.get(kept.values().put("room@rooms.example", "b", "2"));
    kept.get(kept.values().erase("room@rooms.example", "a"));
    BOOST_TEST(kept.get(kept.values().get("room@rooms.example", "b")).value() == "2");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_are_listed_in_order, Backend, Backends)
{
    Kept<Backend> kept;
    for (const char* name : {"vcard", "blocking", "private {urn:x}"}) {
        kept.get(kept.values().put(juliet, name, "\1"));
    }
    kept.get(kept.values().put(romeo, "other", "\1"));
    const std::vector<std::string> expected{"blocking", "private {urn:x}", "vcard"};
    BOOST_TEST(kept.get(kept.values().names(juliet)) == expected);
    BOOST_TEST(kept.get(kept.values().names("nobody@capulet.example")).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_and_values_may_be_large, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string name(4000, 'n');
    const std::string value(3'000'000, 'v');
    kept.get(kept.values().put(juliet, name + '1', value));
    kept.get(kept.values().put(juliet, name + '2', "small"));
    BOOST_TEST(kept.get(kept.values().get(juliet, name + '1')).value() == value);
    BOOST_TEST(kept.get(kept.values().get(juliet, name + '2')).value() == "small");
    BOOST_TEST(kept.get(kept.values().names(juliet)).size() == 2U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_first_value_wins, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::future<Result<std::string>>> puts;
    for (unsigned i = 0; i < 100; ++i) {
        puts.push_back(
            kept.start(i % 2, kept.values().put_first(juliet, "seed", std::to_string(i))));
    }
    const std::string winner = puts.front().get().value();
    for (auto& put : std::span{puts}.subspan(1)) {
        BOOST_TEST(put.get().value() == winner);
    }
    BOOST_TEST(kept.get(kept.values().get(juliet, "seed")).value() == winner);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_secret_is_made_once_and_kept, Backend, Backends)
{
    Kept<Backend> kept;
    auto first = kept.start(0, secret(kept.values(), "salts"));
    auto second = kept.start(1, secret(kept.values(), "salts"));
    const Result<Secret> one = first.get();
    const Result<Secret> two = second.get();
    BOOST_TEST_REQUIRE((one.has_value() && two.has_value()));
    BOOST_TEST(one->reveal().size() == 32U);
    BOOST_TEST(one->reveal() == two->reveal());
    kept.reopen();
    BOOST_TEST(kept.get(secret(kept.values(), "salts")).reveal() == one->reveal());
    BOOST_TEST(kept.get(secret(kept.values(), "other")).reveal() != one->reveal());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
