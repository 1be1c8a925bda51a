// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_tail.h"

#include "store/lmdb/archive_tails.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t row = 7;

/// The tails of a shard, and how a row of the journal comes to be.
class Journal {
public:
    void append(const std::string& owner)
    {
        BytesWriter& bytes = tails.open_bytes();
        if (tails.open_empty()) {
            begin_journal(bytes);
        }
        const std::size_t offset = bytes.bytes().size();
        JournalRecord record;
        record.owner = owner;
        record.host = "capulet.example";
        record.entry.id = ArchiveId{++last_id_};
        record.entry.stanza = "<message/>";
        write_record(bytes, record);
        tails.note(tails.need(owner), record, offset);
    }

    void settle()
    {
        const BatchNumber batch = tails.open_batch();
        tails.close_batch(AppendTicket{last_id_}, {});
        tails.settle(batch, row);
    }

    ArchiveTails tails;

private:
    std::uint64_t last_id_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_tail)

BOOST_AUTO_TEST_CASE(a_row_is_empty_whether_the_last_of_it_is_folded_or_forgotten)
{
    for (const bool forgotten_last : {false, true}) {
        Journal journal;
        journal.append("juliet");
        journal.append("nurse");
        journal.settle();
        std::vector<JournalBytes> bytes;
        const auto part = journal.tails.take("juliet", bytes);
        BOOST_TEST_REQUIRE(part.has_value());
        BOOST_TEST(journal.tails.spent_by({*part}).empty()); // the nurse's is there
        if (!forgotten_last) {
            journal.tails.forget("nurse", row + 1); // while it is being folded
        }
        BOOST_TEST(journal.tails.empty_rows().empty());
        journal.tails.folded(*part);
        if (forgotten_last) {
            BOOST_TEST(journal.tails.empty_rows().empty());
            journal.tails.forget("nurse", row + 1);
        }
        BOOST_TEST(journal.tails.empty_rows() == std::vector{row});
        journal.tails.erased({row});
        BOOST_TEST(journal.tails.empty_rows().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_row_that_was_folded_when_it_was_forgotten_is_empty_once)
{
    Journal journal;
    journal.append("juliet");
    journal.settle();
    std::vector<JournalBytes> bytes;
    const auto part = journal.tails.take("juliet", bytes);
    BOOST_TEST(journal.tails.spent_by({*part}) == std::vector{row});
    journal.tails.forget("juliet", row + 1);
    journal.tails.folded(*part);
    BOOST_TEST(journal.tails.empty_rows() == std::vector{row});
}

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
