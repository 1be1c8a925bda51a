// SPDX-License-Identifier: Apache-2.0
#include "store/storage.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "backends.h"

namespace sarang {
namespace {

std::string owner(unsigned number)
{
    return "user" + std::to_string(number) + "@capulet.example";
}

Task<Result<std::uint64_t>> put(RosterStore& rosters, std::string contact)
{
    RosterItem item{.contact = std::move(contact)};
    co_return co_await rosters.put("shared@capulet.example", std::move(item));
}

/// Writes and reads back, many times, as a busy shard does.
Task<Result<void>> be_busy(Storage& storage, unsigned shard)
{
    for (unsigned i = 0; i < 100; ++i) {
        const std::string name = owner(1000 * shard + i);
        Account account{name, "capulet.example", {}, {}};
        co_await ok(storage.accounts().create(std::move(account)));
        const auto found = co_await ok(storage.accounts().find(name));
        if (!found) {
            co_return fail(Condition::item_not_found, name);
        }
        co_await ok(put(storage.rosters(), name));
        const Roster roster = co_await ok(storage.rosters().load("shared@capulet.example"));
        if (roster.items.size() <= i) {
            co_return fail(Condition::item_not_found, "contact of " + name);
        }
        co_await ok(storage.accounts().list("capulet.example", 0, 10));
    }
    co_return Result<void>{};
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage)

BOOST_AUTO_TEST_CASE_TEMPLATE(two_shards_use_it_at_once, Backend, Backends)
{
    Kept<Backend> kept;
    auto first = kept.start(0, be_busy(kept.storage(), 0));
    auto second = kept.start(1, be_busy(kept.storage(), 1));
    BOOST_TEST(first.get().has_value());
    BOOST_TEST(second.get().has_value());
    BOOST_TEST(kept.get(kept.accounts().count("capulet.example")) == 200U);
    BOOST_TEST(kept.get(kept.rosters().load("shared@capulet.example")).items.size() == 200U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_write_goes_on_when_nobody_waits_for_it, Backend, Backends)
{
    Kept<Backend> kept;
    kept.shards().call(0, [&kept] {
        for (unsigned i = 0; i < 100; ++i) {
            Account account{owner(i), "capulet.example", {}, {}};
            auto create = kept.accounts().create(std::move(account));
            create.promise().handle().resume();
        } // each task is dropped while it waits
    });
    kept.get(kept.storage().sync());
    BOOST_TEST(kept.get(kept.accounts().count("capulet.example")) == 100U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(writes_of_a_shard_happen_in_order, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::future<Result<void>>> puts;
    for (int i = 0; i < 500; ++i) {
        puts.push_back(kept.start(0, kept.values().put(owner(1), "last", std::to_string(i))));
    }
    BOOST_TEST(kept.wait(kept.storage().sync()).has_value());
    BOOST_TEST(kept.get(kept.values().get(owner(1), "last")).value() == "499");
    for (auto& put : puts) {
        BOOST_TEST(put.get().has_value());
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(after_closing_nothing_is_written, Backend, Backends)
{
    Kept<Backend> kept;
    kept.get(kept.values().put(owner(1), "name", "before"));
    kept.wait(kept.storage().close());
    auto put = kept.values().put(owner(1), "name", "after");
    BOOST_TEST((kept.refused(std::move(put)) == Condition::service_unavailable));
    BOOST_TEST(kept.get(kept.values().get(owner(1), "name")).value() == "before");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_waits_when_it_stops_is_still_written, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::future<Result<void>>> puts;
    for (int i = 0; i < 200; ++i) {
        puts.push_back(kept.start(0, kept.values().put(owner(1), std::to_string(i), "value")));
    }
    // By the time of this answer all of them were asked for.
    BOOST_TEST(kept.wait(kept.values().names(owner(1))).has_value());
    kept.storage().stop();
    for (auto& put : puts) {
        BOOST_TEST(put.get().has_value());
    }
    auto late = kept.values().put(owner(1), "name", "after");
    BOOST_TEST((kept.refused(std::move(late)) == Condition::service_unavailable));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_waits_at_closing_is_still_written, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::future<Result<void>>> puts;
    for (int i = 0; i < 200; ++i) {
        puts.push_back(kept.start(0, kept.values().put(owner(1), std::to_string(i), "value")));
    }
    kept.reopen();
    for (auto& put : puts) {
        BOOST_TEST(put.get().has_value());
    }
    BOOST_TEST(kept.get(kept.values().names(owner(1))).size() == 200U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
