// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <string>
#include <vector>

#include "../machine.h"
#include "../temporary.h"
#include "faults.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";

/// A storage with options of its own.
class Disk : public Machine {
public:
    explicit Disk(std::uint64_t map_size = std::uint64_t{1} << 28, std::size_t queue = 16384)
    {
        options_.directory = directory_.path();
        options_.map_size = map_size;
        options_.queue_jobs = queue;
        options_.shards = shards().size();
        open();
    }

    ~Disk() { close(); }

    void reopen()
    {
        close();
        open();
    }

    Storage& storage() { return *storage_; }

    KeyedStore& values() { return storage_->values(); }

    std::future<Result<void>> put(std::string name, std::string value)
    {
        return start(0, values().put(juliet, name, std::move(value)));
    }

    std::optional<std::string> value(const std::string& name)
    {
        return get(values().get(juliet, name));
    }

    /// What is there is whole, and no more than that is there.
    void check_names(std::vector<std::string> expected)
    {
        std::ranges::sort(expected);
        BOOST_TEST(get(values().names(juliet)) == expected);
    }

private:
    void open()
    {
        auto storage = open_lmdb(options_, workers(), clock());
        if (!storage) {
            BOOST_FAIL(storage.error().cause);
        }
        storage_ = std::move(*storage);
    }

    void close()
    {
        wait(storage_->close());
        storage_.reset();
    }

    TemporaryDirectory directory_;
    LmdbOptions options_;
    std::unique_ptr<Storage> storage_;
};

/// One large value after the other until there is no room; how many went in.
int fill_up(Disk& disk)
{
    int number = 0;
    for (;; ++number) {
        const auto result =
            disk.put("fill" + std::to_string(number), std::string(50'000, 'f')).get();
        if (!result) {
            BOOST_TEST((result.error().condition == Condition::resource_constraint));
            BOOST_TEST(result.error().cause.find("MDB_MAP_FULL") != std::string::npos);
            return number;
        }
    }
}

void expect_refusal(Disk& disk, Condition condition, const char* cause)
{
    const auto result = disk.put("refused", std::string(60'000, 'r')).get();
    BOOST_TEST_REQUIRE(!result.has_value());
    BOOST_TEST((result.error().condition == condition));
    BOOST_TEST(result.error().cause.find(cause) != std::string::npos, result.error().cause);
    BOOST_TEST(!disk.value("refused").has_value());
    BOOST_TEST(disk.value("kept").value() == "before");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_disk)

BOOST_AUTO_TEST_CASE(a_full_map_refuses_what_does_not_fit_and_keeps_the_rest)
{
    Disk disk{2 << 20};
    BOOST_TEST(disk.put("kept", "before").get().has_value());
    const int count = fill_up(disk);
    BOOST_TEST(count > 10);
    expect_refusal(disk, Condition::resource_constraint, "MDB_MAP_FULL");
    for (int i = 0; i < count; ++i) {
        BOOST_TEST(disk.value("fill" + std::to_string(i)).value().size() == 50'000U);
    }
    BOOST_TEST(!disk.value("fill" + std::to_string(count)).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_map_takes_more_once_there_is_room_again)
{
    Disk disk{2 << 20};
    const int count = fill_up(disk);
    for (int i = 0; i < count; ++i) {
        BOOST_TEST(disk.get(disk.values().erase(juliet, "fill" + std::to_string(i))));
    }
    BOOST_TEST(fill_up(disk) > count / 2);
    disk.reopen();
    BOOST_TEST(disk.value("fill0").value().size() == 50'000U);
}

BOOST_AUTO_TEST_CASE(a_write_that_does_not_fit_leaves_its_group_unharmed)
{
    Disk disk{4 << 20};
    Faults faults;
    faults.stall_syncs();
    std::vector<std::future<Result<void>>> small{};
    small.push_back(disk.put("first", "value")); // holds the writer, so that the rest is one group
    for (int i = 0; i < 20; ++i) {
        small.push_back(disk.put("small" + std::to_string(i), "value"));
    }
    auto large = disk.put("large", std::string(8 << 20, 'l'));
    for (int i = 20; i < 40; ++i) {
        small.push_back(disk.put("small" + std::to_string(i), "value"));
    }
    faults.mend();
    const auto refused = large.get();
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().condition == Condition::resource_constraint));
    for (auto& one : small) {
        BOOST_TEST(one.get().has_value());
    }
    BOOST_TEST(disk.get(disk.values().names(juliet)).size() == 41U);
    BOOST_TEST(disk.storage().stats().failures == 1U);
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_refuses_and_then_works_again)
{
    Disk disk;
    BOOST_TEST(disk.put("kept", "before").get().has_value());
    Faults faults;
    for (const unsigned spared : {0U, 1U, 2U}) {
        faults.fail_writes(ENOSPC, spared);
        expect_refusal(disk, Condition::resource_constraint, "No space left on device");
        faults.mend();
        BOOST_TEST(disk.put("after", std::to_string(spared)).get().has_value());
        BOOST_TEST(disk.value("after").value() == std::to_string(spared));
    }
    disk.reopen();
    disk.check_names({"kept", "after"});
}

BOOST_AUTO_TEST_CASE(a_broken_disk_is_named_in_the_cause)
{
    Disk disk;
    BOOST_TEST(disk.put("kept", "before").get().has_value());
    Faults faults;
    faults.fail_writes(EIO);
    expect_refusal(disk, Condition::internal_server_error, "Input/output error");
    faults.mend();
    faults.fail_syncs(EIO);
    expect_refusal(disk, Condition::internal_server_error, "Input/output error");
    faults.mend();
    faults.cut_writes();
    expect_refusal(disk, Condition::internal_server_error, "Input/output error");
    faults.mend();
    BOOST_TEST(disk.put("after", "value").get().has_value());
    disk.reopen();
    disk.check_names({"kept", "after"});
}

BOOST_AUTO_TEST_CASE(whichever_write_fails_a_new_room_has_its_owner_or_is_not_there)
{
    constexpr const char* host = "chat.capulet.example";
    const std::string title(20'000, 't'); // pages of its own
    Disk disk;
    RoomStore& rooms = disk.storage().rooms();
    Faults faults;
    std::size_t made = 0;
    unsigned refused = 0;
    for (unsigned spared = 0; made < 3; ++spared) {
        const std::string room = "room" + std::to_string(spared) + '@' + host;
        faults.fail_writes(ENOSPC, spared);
        auto making = disk.start(
            0, rooms.put(room, RoomHead{host, title, true, "config", ""}, {{juliet, "owner"}}));
        const bool done = making.get().has_value();
        faults.mend();
        made += done ? 1 : 0;
        refused += done ? 0 : 1;
        const auto stored = disk.get(rooms.load(room));
        BOOST_TEST(stored.has_value() == done);
        BOOST_TEST((!stored || stored->affiliations.size() == 1));
    }
    BOOST_TEST(refused > 0U);
    BOOST_TEST(disk.get(rooms.count(host, false)) == made);
    BOOST_TEST(disk.get(rooms.affiliations_of(juliet, host, "", 10)).size() == made);
}

BOOST_AUTO_TEST_CASE(whichever_write_fails_all_is_well_once_the_disk_is)
{
    Disk disk;
    std::vector<std::string> expected;
    Faults faults;
    bool refused = true;
    unsigned spared = 0;
    for (; refused; ++spared) { // the last of them is the database's root
        const std::string name = "value" + std::to_string(spared);
        faults.fail_writes(EIO, spared);
        refused = !disk.put(name, std::string(60'000, 'r')).get().has_value();
        faults.mend();
        if (!refused) {
            expected.push_back(name);
        }
        disk.check_names(expected);
        BOOST_TEST(disk.put("after", name).get().has_value());
        BOOST_TEST(disk.value("after").value() == name);
        BOOST_TEST(disk.get(disk.values().erase(juliet, "after")));
    }
    BOOST_TEST(spared > 2U);
    BOOST_TEST(spared < 100U);
    disk.reopen();
    disk.check_names(expected);
}

BOOST_AUTO_TEST_CASE(all_of_a_group_is_refused_when_it_cannot_be_synced)
{
    Disk disk;
    Faults faults;
    faults.stall_syncs();
    auto first = disk.put("first", "value");
    std::vector<std::future<Result<void>>> group;
    for (int i = 0; i < 100; ++i) {
        group.push_back(disk.put("group" + std::to_string(i), "value"));
    }
    faults.fail_syncs(EIO);
    faults.release_syncs();
    BOOST_TEST(!first.get().has_value());
    for (auto& put : group) {
        BOOST_TEST(!put.get().has_value());
    }
    faults.mend();
    disk.check_names({});
    BOOST_TEST(disk.put("after", "value").get().has_value());
    disk.reopen();
    disk.check_names({"after"});
}

BOOST_AUTO_TEST_CASE(writes_beyond_the_bound_of_the_queue_are_refused_at_once)
{
    Disk disk{std::uint64_t{1} << 28, 10};
    Faults faults;
    faults.stall_syncs();
    std::vector<std::future<Result<void>>> puts;
    for (int i = 0; i < 100; ++i) {
        puts.push_back(disk.put("name" + std::to_string(i), "value"));
    }
    disk.shards().call(0, [] {}); // all were offered by now
    BOOST_TEST(disk.storage().stats().refused >= 70U);
    BOOST_TEST(disk.storage().stats().waiting <= 10U);
    faults.mend();
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < puts.size(); ++i) {
        const auto result = puts[i].get();
        if (result) {
            expected.push_back("name" + std::to_string(i));
        } else {
            BOOST_TEST((result.error().condition == Condition::resource_constraint));
        }
    }
    BOOST_TEST(expected.size() >= 10U);
    disk.check_names(expected);
}

BOOST_AUTO_TEST_CASE(many_writes_share_a_sync)
{
    Disk disk;
    const std::uint64_t before = Faults::syncs();
    std::vector<std::future<Result<void>>> puts;
    {
        Faults faults;
        faults.stall_syncs();
        for (int i = 0; i < 1000; ++i) {
            puts.push_back(disk.put("name" + std::to_string(i), "value"));
        }
        disk.shards().call(0, [] {});
    }
    for (auto& put : puts) {
        BOOST_TEST(put.get().has_value());
    }
    BOOST_TEST(Faults::syncs() - before < 100U);
    BOOST_TEST(disk.storage().stats().largest_group > 100U);
    BOOST_TEST(disk.storage().stats().writes == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
