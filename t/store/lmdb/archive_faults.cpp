// SPDX-License-Identifier: Apache-2.0
// What the archive says and keeps when the disk does not do as it should.
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include "../archives.h"
#include "faults.h"

namespace sarang {
namespace {

const std::string juliet = "juliet@capulet.example";

/// With little room everywhere.
class SmallBackend {
public:
    Result<std::unique_ptr<Storage>> open(Machine& machine, const Clock& clock)
    {
        LmdbOptions options;
        options.directory = directory_ / "store";
        options.map_size = std::uint64_t{4} << 20;
        options.queue_bytes = std::size_t{512} << 10;
        options.tail_bytes = std::size_t{256} << 10;
        options.shards = machine.shards().size();
        return open_lmdb(options, machine.workers(), clock);
    }

    const TemporaryDirectory& directory() const { return directory_; }

private:
    TemporaryDirectory directory_;
};

using Small = Archives<SmallBackend>;

Draft draft(int number)
{
    Draft draft{juliet};
    draft.with = "romeo@montague.example";
    draft.stanza = std::to_string(number);
    return draft;
}

std::vector<std::string> stanzas(Small& small)
{
    ArchiveQuery query;
    query.owner = juliet;
    std::vector<std::string> stanzas;
    for (const ArchiveEntry& entry : small.all(query)) {
        stanzas.push_back(entry.stanza);
    }
    return stanzas;
}

AppendOutcome last_outcome(Small& small)
{
    return small.settlements(juliet).back().outcome;
}

void expect(Small& small, const std::vector<std::string>& expected)
{
    BOOST_TEST(stanzas(small) == expected, boost::test_tools::per_element());
}

/// Text that no compression makes small.
std::string noise(std::size_t size, unsigned seed)
{
    std::string text(size, ' ');
    for (char& c : text) {
        seed = seed * 1664525 + 1013904223;
        c = static_cast<char>('!' + (seed >> 24U) % 90);
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_faults)

BOOST_AUTO_TEST_CASE(what_a_full_disk_refused_is_gone_and_may_be_appended_again)
{
    Small small;
    std::set<ArchiveId> ids;
    const auto append = [&small, &ids](int number) {
        const Appended appended = small.append({draft(number)})[0];
        BOOST_TEST(ids.insert(appended.id).second);
    };
    append(1);
    BOOST_TEST((last_outcome(small) == AppendOutcome::durable));
    Faults faults;
    for (int i = 0; i < 3; ++i) {
        faults.fail_writes(ENOSPC);
        append(2);
        BOOST_TEST((last_outcome(small) == AppendOutcome::refused));
        expect(small, {"1"});
        faults.mend();
    }
    append(2);
    BOOST_TEST((last_outcome(small) == AppendOutcome::durable));
    expect(small, {"1", "2"});
    small.reopen();
    expect(small, {"1", "2"});
    append(3);
    expect(small, {"1", "2", "3"});
}

BOOST_AUTO_TEST_CASE(what_a_broken_disk_lost_is_told_as_failed)
{
    Small small;
    small.append({draft(1)});
    Faults faults;
    faults.fail_syncs(EIO);
    small.append({draft(2), draft(3)});
    BOOST_TEST((last_outcome(small) == AppendOutcome::failed));
    faults.mend();
    expect(small, {"1"});
    small.append({draft(2)});
    BOOST_TEST((last_outcome(small) == AppendOutcome::durable));
    expect(small, {"1", "2"});
    small.reopen();
    expect(small, {"1", "2"});
}

BOOST_AUTO_TEST_CASE(appends_settle_in_the_order_of_their_tickets)
{
    Small small;
    Faults faults;
    faults.stall_syncs();
    std::vector<AppendTicket> tickets;
    for (int i = 1; i <= 20; ++i) {
        tickets.push_back(small.on_shard(juliet, [&small, i] {
            return small.archive().append(small.view(draft(i))).value().ticket;
        }));
    }
    BOOST_TEST(std::ranges::is_sorted(tickets));
    BOOST_TEST(stanzas(small).empty());
    faults.mend();
    small.settle();
    AppendTicket last = AppendTicket::none;
    for (const Settlement& settlement : small.settlements(juliet)) {
        BOOST_TEST((settlement.through > last));
        last = settlement.through;
    }
    BOOST_TEST((last == tickets.back()));
    BOOST_TEST(stanzas(small).size() == 20U);
}

BOOST_AUTO_TEST_CASE(appends_are_refused_while_too_much_waits)
{
    Small small;
    Faults faults;
    faults.stall_syncs();
    int taken = 0;
    int number = 0;
    for (; number < 100; ++number) {
        Draft large = draft(number + 1);
        large.stanza = noise(20'000, static_cast<unsigned>(number));
        taken += small.on_shard(juliet, [&small, &large] {
            const auto appended = small.archive().append(small.view(large));
            BOOST_TEST((appended || appended.error().condition == Condition::resource_constraint));
            return appended ? 1 : 0;
        });
    }
    BOOST_TEST(taken > 5);
    BOOST_TEST(taken < 30);
    faults.mend();
    small.settle();
    BOOST_TEST(stanzas(small).size() == static_cast<std::size_t>(taken));
    small.append({draft(number + 1)});
    BOOST_TEST((last_outcome(small) == AppendOutcome::durable));
}

BOOST_AUTO_TEST_CASE(a_full_map_refuses_appends_and_keeps_what_it_has)
{
    Small small;
    std::vector<std::string> kept;
    int number = 0;
    for (; number < 500; ++number) {
        Draft large = draft(number);
        large.stanza = noise(20'000, static_cast<unsigned>(number));
        const bool taken = small.on_shard(juliet, [&small, &large] {
            return small.archive().append(small.view(large)).has_value();
        });
        small.settle();
        if (!taken || last_outcome(small) != AppendOutcome::durable) {
            break;
        }
        kept.push_back(large.stanza);
    }
    BOOST_TEST(number > 20);
    BOOST_TEST(number < 300);
    BOOST_TEST(!small.archive().behind()); // nothing would end that
    BOOST_TEST((stanzas(small) == kept));
    small.reopen();
    BOOST_TEST((stanzas(small) == kept));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
