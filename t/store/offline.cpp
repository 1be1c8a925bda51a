// SPDX-License-Identifier: Apache-2.0
#include "store/offline_store.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "backends.h"

namespace sarang {
namespace {

constexpr const char* juliet = "juliet@capulet.example";
constexpr const char* romeo = "romeo@montague.example";
constexpr std::uint64_t no_limit = 1'000'000;

OfflineDraft draft(int number)
{
    const Clock::Wall time{std::chrono::milliseconds{1'767'225'600'000 + number}};
    return {"key" + std::to_string(number), time, "<message id='" + std::to_string(number) + "'/>"};
}

template <class Backend>
void append(Kept<Backend>& kept, int first, int last)
{
    for (int i = first; i <= last; ++i) {
        const auto outcome = kept.get(kept.offline().append(juliet, draft(i), no_limit));
        BOOST_TEST_REQUIRE((outcome == OfflineOutcome::stored));
    }
}

template <class Backend>
std::vector<OfflineEntry> all(Kept<Backend>& kept, std::size_t limit)
{
    std::vector<OfflineEntry> entries;
    bool complete = false;
    while (!complete) {
        const std::uint64_t after = entries.empty() ? 0 : entries.back().position;
        const OfflinePage page = kept.get(kept.offline().read(juliet, after, limit));
        BOOST_TEST(page.entries.size() <= limit);
        BOOST_TEST_REQUIRE((page.complete || !page.entries.empty()));
        entries.insert(entries.end(), page.entries.begin(), page.entries.end());
        complete = page.complete;
    }
    return entries;
}

} // namespace

BOOST_AUTO_TEST_SUITE(offline)

BOOST_AUTO_TEST_CASE_TEMPLATE(stanzas_come_back_in_order_and_by_page, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 20);
    kept.reopen();
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 20U);
    for (const std::size_t limit : {1, 3, 19, 20, 21}) {
        const auto entries = all(kept, limit);
        BOOST_TEST_REQUIRE(entries.size() == 20U);
        for (int i = 0; i < 20; ++i) {
            const OfflineEntry& entry = entries[static_cast<std::size_t>(i)];
            BOOST_TEST(entry.stanza == draft(i + 1).stanza);
            BOOST_TEST((entry.time == draft(i + 1).time));
        }
    }
    BOOST_TEST(kept.get(kept.offline().count(romeo)) == 0U);
    BOOST_TEST(kept.get(kept.offline().read(romeo, 0, 10)).entries.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_callers_limit_is_kept, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 3);
    BOOST_TEST((kept.get(kept.offline().append(juliet, draft(4), 3)) == OfflineOutcome::full));
    BOOST_TEST((kept.get(kept.offline().append(romeo, draft(4), 0)) == OfflineOutcome::full));
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 3U);
    const std::uint64_t first = kept.get(kept.offline().read(juliet, 0, 1)).entries[0].position;
    BOOST_TEST(kept.get(kept.offline().remove_through(juliet, first)) == 1U);
    BOOST_TEST((kept.get(kept.offline().append(juliet, draft(4), 3)) == OfflineOutcome::stored));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_repeated_key_keeps_nothing_twice, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 3);
    BOOST_TEST(
        (kept.get(kept.offline().append(juliet, draft(2), no_limit)) == OfflineOutcome::repeated));
    // Also where there is no room for a new one, and after it was read and removed.
    BOOST_TEST((kept.get(kept.offline().append(juliet, draft(2), 3)) == OfflineOutcome::repeated));
    kept.get(kept.offline().remove_through(juliet, no_limit));
    BOOST_TEST(
        (kept.get(kept.offline().append(juliet, draft(2), no_limit)) == OfflineOutcome::repeated));
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 0U);
    BOOST_TEST(
        (kept.get(kept.offline().append(romeo, draft(2), no_limit)) == OfflineOutcome::stored));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stanza_without_a_key_is_kept_each_time, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 0; i < 3; ++i) {
        OfflineDraft same = draft(1);
        same.key.clear();
        const auto outcome = kept.get(kept.offline().append(juliet, same, no_limit));
        BOOST_TEST((outcome == OfflineOutcome::stored));
    }
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 3U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_256_keys_are_remembered, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 600);
    kept.get(kept.offline().remove_through(juliet, no_limit));
    for (const int number : {345, 400, 600}) {
        const auto outcome = kept.get(kept.offline().append(juliet, draft(number), no_limit));
        BOOST_TEST((outcome == OfflineOutcome::repeated));
    }
    BOOST_TEST(
        (kept.get(kept.offline().append(juliet, draft(1), no_limit)) == OfflineOutcome::stored));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(removing_reaches_up_to_a_position, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 10);
    const auto entries = all(kept, 100);
    BOOST_TEST(kept.get(kept.offline().remove_through(juliet, entries[3].position)) == 4U);
    BOOST_TEST(kept.get(kept.offline().remove_through(juliet, entries[3].position)) == 0U);
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 6U);
    append(kept, 11, 11);
    const auto rest = all(kept, 100);
    BOOST_TEST_REQUIRE(rest.size() == 7U);
    BOOST_TEST((rest.front() == entries[4]));
    BOOST_TEST(rest.back().position > entries.back().position);
    BOOST_TEST(kept.get(kept.offline().remove_through(romeo, 5)) == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(some_in_the_middle_can_be_removed, Backend, Backends)
{
    Kept<Backend> kept;
    append(kept, 1, 10);
    const auto entries = all(kept, 100);
    const std::vector positions{entries[3].position, entries[7].position, std::uint64_t{999}};
    BOOST_TEST(kept.get(kept.offline().remove(juliet, positions)) == 2U);
    BOOST_TEST(kept.get(kept.offline().remove(juliet, positions)) == 0U);
    BOOST_TEST(kept.get(kept.offline().count(juliet)) == 8U);
    const auto rest = all(kept, 3);
    BOOST_TEST_REQUIRE(rest.size() == 8U);
    BOOST_TEST((rest[3] == entries[4]));
    BOOST_TEST((rest[6] == entries[8]));
    BOOST_TEST(kept.get(kept.offline().remove(romeo, positions)) == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_large_stanzas_is_cut_short, Backend, Backends)
{
    Kept<Backend> kept;
    for (int i = 1; i <= 5; ++i) {
        OfflineDraft large = draft(i);
        large.stanza = std::string(200'000, static_cast<char>('0' + i));
        kept.get(kept.offline().append(juliet, large, no_limit));
    }
    BOOST_TEST(kept.get(kept.offline().read(juliet, 0, 100)).entries.size() < 5U);
    BOOST_TEST(all(kept, 100).size() == 5U);
    BOOST_TEST(all(kept, 100).back().stanza == std::string(200'000, '5'));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(stanzas_may_hold_any_bytes_and_none, Backend, Backends)
{
    Kept<Backend> kept;
    const std::string odd{"\0\xff\x80<\n", 5};
    const Clock::Wall before_1970{std::chrono::milliseconds{-1}};
    kept.get(kept.offline().append(juliet, OfflineDraft{odd, before_1970, odd}, no_limit));
    kept.get(kept.offline().append(juliet, OfflineDraft{{}, {}, {}}, no_limit));
    const auto entries = all(kept, 10);
    BOOST_TEST_REQUIRE(entries.size() == 2U);
    BOOST_TEST(entries[0].stanza == odd);
    BOOST_TEST((entries[0].time == before_1970));
    BOOST_TEST(entries[1].stanza.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(thousands_can_be_removed_at_once, Backend, Backends)
{
    Kept<Backend> kept;
    std::vector<std::future<Result<OfflineOutcome>>> appends;
    for (int i = 0; i < 10'000; ++i) {
        appends.push_back(kept.start(0, kept.offline().append(juliet, draft(i), no_limit)));
    }
    for (auto& one : appends) {
        BOOST_TEST_REQUIRE(one.get().has_value());
    }
    const auto entries = all(kept, 1000);
    BOOST_TEST_REQUIRE(entries.size() == 10'000U);
    BOOST_TEST(kept.get(kept.offline().remove_through(juliet, entries[7776].position)) == 7777U);
    BOOST_TEST(all(kept, 1000).size() == 2223U);
    BOOST_TEST((all(kept, 1000).front() == entries[7777]));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
