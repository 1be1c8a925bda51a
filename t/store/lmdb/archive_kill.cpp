// SPDX-License-Identifier: Apache-2.0
// What settled as durable survives kill -9 at any moment, folds and compactions included, and no id
// is given twice; and it is found by its words, wherever the index stood.
#include "store/lmdb/storage.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <poll.h>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "../machine.h"
#include "../temporary.h"

namespace sarang {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int rounds = 10; // each start takes its time there
#else
constexpr int rounds = 80;
#endif

constexpr unsigned archives = 5;

constexpr std::uint64_t words = 7;

std::string word(std::uint64_t number)
{
    return "w" + std::to_string(number % words);
}

LmdbOptions options(const TemporaryDirectory& directory)
{
    LmdbOptions options;
    options.directory = directory.path();
    options.map_size = std::uint64_t{1} << 28;
    options.tail_bytes = std::size_t{64} << 10;         // folds are under way all the time
    options.index_delay = std::chrono::milliseconds{0}; // it is indexed all the time
    options.searched_text = [](std::string_view stanza) {
        return word(std::strtoull(std::string{stanza}.c_str(), nullptr, 10));
    };
    return options;
}

std::string owner(std::uint64_t number)
{
    return "user" + std::to_string(number % archives) + "@capulet.example";
}

std::string stanza(std::uint64_t number)
{
    return std::to_string(number) + std::string(number % 700, 'x');
}

/// Appends numbered stanzas, and reports the last one each time that some settled.
class Appender final : public TurnEnd {
public:
    Appender(ArchiveStore& archive, std::uint64_t first, int report)
        : archive_{archive}
        , next_{first}
        , report_{report}
    {
        archive_.on_settled([this](const Settlement& settlement) { told(settlement); });
    }

    void append_some()
    {
        for (int i = 0; i < 50; ++i) {
            const std::string name = owner(next_);
            const std::string text = stanza(next_);
            ArchiveDraft draft;
            draft.owner = name;
            draft.host = "capulet.example";
            draft.bucket = static_cast<std::uint16_t>(next_ % archives);
            draft.with = "romeo@montague.example";
            draft.stanza = text;
            draft.role = EntryRole::received;
            if (!archive_.append(draft)) {
                break; // too much waits
            }
            ++next_;
        }
        Shard::current().at_turn_end(*this);
    }

    void on_turn_end() override
    {
        Shard::current().post([this] { append_some(); });
    }

private:
    void told(const Settlement& settlement)
    {
        const auto through = static_cast<std::uint64_t>(settlement.through);
        if (settlement.outcome != AppendOutcome::durable) {
            ::_exit(3);
        }
        if (::write(report_, &through, sizeof through) != sizeof through) {
            ::_exit(4);
        }
    }

    ArchiveStore& archive_;
    std::uint64_t next_;
    int report_;
};

/// Gives back what is free, over and over.
Task<void> compact_for_ever(Storage& storage)
{
    for (;;) {
        Task<Result<StorageCompaction>> compacting = storage.compact();
        const auto done = co_await compacting;
        if (!done && done.error().condition == Condition::feature_not_implemented) {
            co_return;
        }
        if (!done) {
            ::_exit(5);
        }
    }
}

[[noreturn]] void append_until_killed(
    const TemporaryDirectory& directory, std::uint64_t first, bool compacting, int report)
{
    Machine machine{1};
    auto storage = open_lmdb(options(directory), machine.workers(), machine.clock());
    if (!storage) {
        ::_exit(1);
    }
    std::unique_ptr<Appender> appender;
    machine.shards().call(0, [&] {
        appender = std::make_unique<Appender>((*storage)->archive(), first, report);
        appender->append_some();
        if (compacting) {
            Shard::current().spawn(compact_for_ever(**storage));
        }
    });
    for (;;) {
        ::pause();
    }
}

/// One life of a child; how many of its appends settled, as far as it told.
std::uint64_t
live(const TemporaryDirectory& directory, std::uint64_t first, bool compacting, int milliseconds)
{
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        append_until_killed(directory, first, compacting, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t settled = 0;
    static_cast<void>(::read(ends[0], &settled, sizeof settled)); // its start takes what it takes
    ::poll(nullptr, 0, milliseconds);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &settled, sizeof settled) == sizeof settled) {
    }
    ::close(ends[0]);
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(WIFSIGNALED(status), "the child ended by itself: " << status);
    return settled;
}

std::vector<ArchiveEntry> all_of(Machine& machine, ArchiveStore& archive, const std::string& owner)
{
    std::vector<ArchiveEntry> entries;
    ArchiveQuery query;
    query.owner = owner;
    query.limit = 1000;
    for (bool complete = false; !complete;) {
        const ArchivePage page = machine.get(archive.read(query));
        entries.insert(entries.end(), page.entries.begin(), page.entries.end());
        complete = page.complete;
        query.after = entries.empty() ? ArchiveId::none : entries.back().id;
    }
    return entries;
}

/// The inbox must say the same as the entries.
void check_inbox(Machine& machine, ArchiveStore& archive, const std::string& owner)
{
    const std::vector<ArchiveEntry> entries = all_of(machine, archive, owner);
    InboxQuery query;
    query.owner = owner;
    const InboxPage inbox = machine.get(archive.inbox(query));
    BOOST_TEST_REQUIRE(inbox.conversations.size() == (entries.empty() ? 0U : 1U));
    if (entries.empty()) {
        return;
    }
    const std::size_t unread = std::min(entries.size(), Conversation::most_unread);
    BOOST_TEST_REQUIRE((inbox.conversations[0].message == entries.back().id));
    BOOST_TEST_REQUIRE(inbox.conversations[0].unread == unread);
    BOOST_TEST_REQUIRE(inbox.conversations[0].more == (unread < entries.size()));
    BOOST_TEST_REQUIRE(inbox.totals.unread == unread);
}

/// How many of an owner's entries up to a number have each word, looked for page by page.
void check_search(
    Machine& machine,
    SearchStore& search,
    const std::string& owner,
    std::uint64_t first,
    std::uint64_t end)
{
    for (std::uint64_t sought = 0; sought < words; ++sought) {
        std::uint64_t expected = 0;
        for (std::uint64_t number = first; number < end; number += archives) {
            expected += number % words == sought ? 1 : 0;
        }
        std::uint64_t found = 0;
        ArchiveQuery query;
        query.owner = owner;
        query.limit = 100;
        for (bool complete = false; !complete;) {
            const ArchivePage page = machine.get(search.search(query, word(sought)));
            for (const ArchiveEntry& entry : page.entries) {
                BOOST_TEST_REQUIRE((entry.id > query.after));
                query.after = entry.id;
                ++found;
            }
            complete = page.complete;
            query.after = std::max(query.after, page.through);
        }
        BOOST_TEST_REQUIRE(found == expected);
    }
}

/// All entries must be there from the first on, whole and in order; the next one's number.
std::uint64_t check(const TemporaryDirectory& directory, std::uint64_t settled)
{
    Machine machine{1};
    auto storage = open_lmdb(options(directory), machine.workers(), machine.clock());
    BOOST_TEST_REQUIRE(storage.has_value());
    ArchiveStore& archive = (*storage)->archive();
    std::uint64_t total = 0;
    std::uint64_t greatest = 0;
    std::set<ArchiveId> ids;
    for (unsigned i = 0; i < archives; ++i) {
        std::uint64_t number = i;
        for (const ArchiveEntry& entry : all_of(machine, archive, owner(i))) {
            BOOST_TEST_REQUIRE(entry.stanza == stanza(number));
            BOOST_TEST_REQUIRE(ids.insert(entry.id).second);
            greatest = std::max(greatest, number);
            number += archives;
            ++total;
        }
        BOOST_TEST(machine.get(archive.extent(owner(i))).entries == (number - i) / archives);
        check_inbox(machine, archive, owner(i));
        check_search(machine, (*storage)->search(), owner(i), i, number);
    }
    BOOST_TEST((*storage)->stats().indexed_anew == 0U);
    BOOST_TEST(total >= settled);
    BOOST_TEST((total == 0 || greatest == total - 1)); // nothing is missing between
    machine.wait((*storage)->close());
    return total;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_kill)

BOOST_AUTO_TEST_CASE(what_settled_survives_kill_at_any_moment)
{
    std::mt19937 random{std::random_device{}()};
    std::uint64_t found = 0;
    for (int i = 0; i < rounds;) {
        const TemporaryDirectory directory;
        std::uint64_t next = 0;
        for (const int last = i + 10; i < last; ++i) {
            const bool compacting = random() % 2 == 0;
            const auto time = static_cast<int>(random() % 60);
            const std::uint64_t told = live(directory, next, compacting, time);
            next = check(directory, next + told);
        }
        found += next;
    }
    BOOST_TEST_MESSAGE(found << " entries found");
    BOOST_TEST(found > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
