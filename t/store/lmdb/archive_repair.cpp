// SPDX-License-Identifier: Apache-2.0
// Damaged rows of the archive that are mended: what can be read stays, all that leads to it fits.
#include "base/bytes.h"
#include "store/lmdb/archive_block.h"
#include "store/lmdb/archive_chunk.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <string>

#include "damaged.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;
using lmdb::Key;
using lmdb::Table;

bool is_sound(std::string_view stanza)
{
    return stanza.size() > 200;
}

ArchiveRepair repair(
    Damaged& kept, const std::string& owner, const std::function<void()>& meanwhile = [] {})
{
    ArchiveRepair all;
    std::vector<std::string> done;
    while (!all.complete) {
        all = kept.get(owner, kept.archive().repair(owner, all, is_sound));
        done.insert(done.end(), all.done.begin(), all.done.end());
        meanwhile();
    }
    all.done = std::move(done);
    return all;
}

std::uint64_t unread(Damaged& kept, const std::string& owner)
{
    InboxQuery inbox;
    inbox.owner = owner;
    return kept.get(owner, kept.archive().inbox(inbox)).totals.unread;
}

/// All is as it was, but for what is not there any more.
void expect_mended(Damaged& kept, const std::vector<ArchiveEntry>& whole)
{
    BOOST_TEST(
        faults(kept, juliet) == std::vector<std::string>{}, boost::test_tools::per_element());
    const auto left = kept.all(query(juliet));
    BOOST_TEST(std::ranges::includes(whole, left, {}, &ArchiveEntry::id, &ArchiveEntry::id));
    BOOST_TEST((backwards(kept, query(juliet)) == left));
    auto with = left;
    std::erase_if(with, [](const ArchiveEntry& entry) { return entry.with != romeo; });
    BOOST_TEST((kept.all(query(juliet, romeo)) == with));
    BOOST_TEST((backwards(kept, query(juliet, romeo)) == with));
    const ArchiveExtent extent = kept.get(juliet, kept.archive().extent(juliet));
    BOOST_TEST(extent.entries == left.size());
    BOOST_TEST(
        (left.empty() || (extent.first == left.front().id && extent.last == left.back().id)));
    const ArchiveRepair again = repair(kept, juliet);
    BOOST_TEST(again.done == std::vector<std::string>{}, boost::test_tools::per_element());
    BOOST_TEST((again.lost_from == ArchiveId::none));
    expect_whole(kept, nurse);
}

std::vector<ArchiveEntry>
without(std::vector<ArchiveEntry> all, const std::vector<ArchiveEntry>& others)
{
    std::erase_if(all, [&others](const ArchiveEntry& entry) {
        return std::ranges::binary_search(others, entry.id, {}, &ArchiveEntry::id);
    });
    return all;
}

template <class Deed>
void change_row(Damaged& kept, Table table, std::size_t number, Deed deed)
{
    change_rows(kept, juliet, table, [&](auto& transaction, const auto& rows) {
        const Key& key = rows[number % rows.size()];
        std::string row{*transaction.get(table, key)};
        deed(row);
        transaction.put(table, key, row);
    });
}

/// A block's row as it is where packing does not pay.
std::string plain(const std::string& row)
{
    lmdb::BlockCodec codec;
    const auto head = lmdb::read_block_head(ArchiveId{1}, row);
    BOOST_TEST_REQUIRE((head.has_value() && head->packed));
    std::string body(head->size, ' ');
    BOOST_TEST_REQUIRE(codec.unpack(head->body, body));
    BytesWriter out;
    out.u8(2).u8(0).varint(head->count).varint(lmdb::number(head->last) - 1);
    return out.varint(body.size()).raw(body).take();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_repair)

BOOST_AUTO_TEST_CASE(where_nothing_is_damaged_nothing_is_changed)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    expect_mended(kept, whole);
    BOOST_TEST(kept.all(query(juliet)).size() == 400U);
    BOOST_TEST(repair(kept, "nobody@capulet.example").done.empty());
}

BOOST_AUTO_TEST_CASE(a_block_that_cannot_be_read_becomes_a_gap)
{
    for (const std::size_t number : {0U, 3U, 7U}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        damage(kept, juliet, Table::archive_blocks, number);
        const auto lost = without(whole, kept.all(query(juliet)));
        const ArchiveRepair mended = repair(kept, juliet);
        BOOST_TEST(mended.lost == lost.size());
        BOOST_TEST(!mended.uncounted);
        BOOST_TEST((mended.lost_from == lost.front().id));
        BOOST_TEST((mended.lost_to == lost.back().id));
        BOOST_TEST(tells(mended.done, "0 entries are kept"));
        expect_mended(kept, whole);
        BOOST_TEST(unread(kept, juliet) == whole.size() - lost.size());
        const std::uint64_t damages = kept.storage().stats().damages;
        for (const ArchiveEntry& entry : lost) {
            const auto replaced =
                kept.get(juliet, kept.archive().replace(juliet, entry.id, noise(300, 1)));
            BOOST_TEST(!replaced);
        }
        const ArchiveEntry there = kept.all(query(juliet))[40];
        BOOST_TEST(kept.get(juliet, kept.archive().replace(juliet, there.id, noise(300, 1))));
        BOOST_TEST(kept.storage().stats().damages == damages);
        ArchiveQuery behind = query(juliet);
        behind.after = lost[1].id;
        const auto next = std::ranges::upper_bound(whole, lost.back().id, {}, &ArchiveEntry::id);
        if (next != whole.end()) {
            BOOST_TEST((kept.page(behind).entries.front().id == next->id));
        }
    }
}

BOOST_AUTO_TEST_CASE(when_all_blocks_are_lost_the_archive_is_empty)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    change_rows(kept, juliet, Table::archive_blocks, [](auto& transaction, const auto& rows) {
        for (const Key& row : rows) {
            transaction.put(Table::archive_blocks, row, "damaged");
        }
    });
    BOOST_TEST(repair(kept, juliet).lost == 400U);
    expect_mended(kept, whole);
    BOOST_TEST(kept.all(query(juliet)).empty());
    BOOST_TEST(unread(kept, juliet) == 0U);
    append(kept, juliet, 400, 100);
    kept.fold(juliet);
    BOOST_TEST(kept.all(query(juliet)).size() == 100U);
    BOOST_TEST(faults(kept, juliet).empty());
}

BOOST_AUTO_TEST_CASE(what_stands_before_the_damage_in_a_block_stays)
{
    for (const bool packed : {true, false}) {
        for (const std::size_t part : {1U, 3U, 5U, 7U}) {
            Damaged kept;
            prepare(kept);
            const auto whole = kept.all(query(juliet));
            change_row(kept, Table::archive_blocks, 2, [packed, part](std::string& row) {
                row = packed ? row : plain(row);
                const std::size_t at = row.size() * part / 8;
                row.replace(at, row.size() - at, row.size() - at, '\xff');
            });
            const ArchiveRepair mended = repair(kept, juliet);
            BOOST_TEST((packed || mended.kept >= 5 * part));
            BOOST_TEST(mended.lost == 400 - kept.all(query(juliet)).size());
            expect_mended(kept, whole);
            for (const ArchiveEntry& entry : kept.all(query(juliet))) {
                const auto same = std::ranges::lower_bound(whole, entry.id, {}, &ArchiveEntry::id);
                BOOST_TEST((*same == entry));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_block_whose_head_alone_is_damaged_stays_whole)
{
    for (const std::size_t byte : {1U, 2U, 3U}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        change_row(kept, Table::archive_blocks, 2, [byte](std::string& row) {
            row[byte] = static_cast<char>(row[byte] ^ 1);
        });
        BOOST_TEST(repair(kept, juliet).lost == 0U);
        expect_mended(kept, whole);
        BOOST_TEST((kept.all(query(juliet)) == whole));
    }
}

BOOST_AUTO_TEST_CASE(lists_that_are_damaged_are_made_anew)
{
    for (const std::size_t number : {0U, 1U, 2U}) {
        for (const bool damaged : {true, false}) {
            Damaged kept;
            prepare(kept);
            const auto whole = kept.all(query(juliet));
            change_rows(
                kept, juliet, Table::archive_with, [&](auto& transaction, const auto& rows) {
                    if (damaged) {
                        transaction.put(Table::archive_with, rows[number], "damaged");
                    } else {
                        transaction.erase(Table::archive_with, rows[number]);
                    }
                });
            const ArchiveRepair mended = repair(kept, juliet);
            BOOST_TEST(tells(mended.done, "are in the lists again"));
            BOOST_TEST(mended.lost == 0U);
            BOOST_TEST((mended.lost_from == ArchiveId::none));
            expect_mended(kept, whole);
            BOOST_TEST((kept.all(query(juliet)) == whole));
            const auto found = kept.get(juliet, kept.archive().find_message(juliet, romeo, "m4"));
            BOOST_TEST(numbers(found) == std::vector<std::string>{"4"});
        }
    }
}

BOOST_AUTO_TEST_CASE(places_that_lead_nowhere_go_and_those_that_are_missing_come_back)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    std::uint64_t owner = 0;
    change_rows(kept, juliet, Table::archive_refs, [&](auto& transaction, const auto& rows) {
        owner = BytesReader{rows[0].bytes()}.u64();
        transaction.erase(Table::archive_refs, rows[1]);
        const std::uint64_t beyond = lmdb::number(whole.back().id) + 7;
        transaction.put(Table::archive_refs, Key{owner}.u64(1).u64(beyond), {});
        transaction.put(Table::archive_refs, Key{owner}.u64(1).u64(lmdb::number(whole[7].id)), {});
        const std::vector<lmdb::ChunkEntry> stray{{whole[3].id, 0}, {ArchiveId{beyond}, 1}};
        transaction.put(
            Table::archive_with,
            Key{owner}.u64(1).u64(lmdb::number(whole[3].id)),
            lmdb::write_chunk(stray));
    });
    const auto before = faults(kept, juliet);
    BOOST_TEST(tells(before, "it is not among those that refer to another"));
    BOOST_TEST(tells(before, "a place leads to it that it has not"));
    BOOST_TEST(tells(before, "its lists by party have 402 entries, its blocks have 400"));
    const ArchiveRepair mended = repair(kept, juliet);
    BOOST_TEST(mended.lost == 0U);
    expect_mended(kept, whole);
    BOOST_TEST((kept.all(query(juliet)) == whole));
}

BOOST_AUTO_TEST_CASE(blocks_that_overlap_are_joined)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    change_rows(kept, juliet, Table::archive_blocks, [](auto& transaction, const auto& rows) {
        const Key& key = rows[2];
        BytesReader reader{key.bytes()};
        const std::uint64_t owner = reader.u64();
        const std::string row{*transaction.get(Table::archive_blocks, key)};
        lmdb::BlockCodec codec;
        const auto block = lmdb::Block::read(codec, ArchiveId{reader.u64()}, row);
        BOOST_TEST_REQUIRE(block.has_value());
        const auto half = std::span{block->entries()}.subspan(block->entries().size() / 2);
        transaction.put(
            Table::archive_blocks,
            Key{owner}.u64(lmdb::number(half.front().id)),
            lmdb::write_block(codec, half));
    });
    BOOST_TEST(tells(faults(kept, juliet), "overlaps the one before"));
    BOOST_TEST(tells(repair(kept, juliet).done, "they are one"));
    expect_mended(kept, whole);
    BOOST_TEST((kept.all(query(juliet)) == whole));
}

BOOST_AUTO_TEST_CASE(a_head_and_its_place_in_the_expiry_are_put_right)
{
    for (const bool damaged : {true, false}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        change_rows(kept, juliet, Table::archive_heads, [&](auto& transaction, const auto& rows) {
            const auto head =
                lmdb::decode_archive_head(*transaction.get(Table::archive_heads, rows[0]));
            lmdb::ArchiveHead wrong;
            wrong.count = 3;
            transaction.put(
                Table::archive_heads, rows[0], damaged ? "damaged" : lmdb::encode(wrong));
            const std::uint64_t owner = BytesReader{rows[0].bytes()}.u64();
            const Key due = Key{head->host}.u64(lmdb::number(head->first)).u64(owner);
            BOOST_TEST_REQUIRE(transaction.erase(Table::archive_expiry, due));
        });
        BOOST_TEST(repair(kept, juliet).lost == 0U);
        expect_mended(kept, whole);
        kept.time().advance(48h);
        BOOST_TEST(expire(kept, kept.time().wall() - 24h) == 800U);
    }
}

BOOST_AUTO_TEST_CASE(an_inbox_is_made_anew_where_it_is_damaged)
{
    for (const Table table : {Table::inbox, Table::inbox_heads, Table::inbox_order}) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        damage(kept, juliet, table, 0);
        BOOST_TEST(tells(faults(kept, juliet), "its inbox is damaged"));
        BOOST_TEST(!repair(kept, juliet).done.empty());
        expect_mended(kept, whole);
        BOOST_TEST((kept.all(query(juliet)) == whole));
        if (table != Table::inbox) {
            BOOST_TEST(unread(kept, juliet) == 400U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_conversation_whose_row_is_damaged_has_its_last_messages_again)
{
    Damaged kept;
    prepare(kept);
    change_row(kept, Table::inbox, 0, [](std::string& row) { row.resize(row.size() - 1); });
    repair(kept, juliet);
    InboxQuery inbox;
    inbox.owner = juliet;
    const InboxPage page = kept.get(juliet, kept.archive().inbox(inbox));
    BOOST_TEST(page.conversations.size() == 2U);
    BOOST_TEST(page.totals.unread == 400U);
    BOOST_TEST(faults(kept, juliet).empty());
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_no_stanza_is_gone)
{
    Damaged kept;
    prepare(kept);
    const auto whole = kept.all(query(juliet));
    kept.get(juliet, kept.archive().replace(juliet, whole[9].id, "short"));
    const ArchiveRepair mended = repair(kept, juliet);
    BOOST_TEST(mended.lost == 1U);
    BOOST_TEST((mended.lost_from == whole[9].id && mended.lost_to == whole[9].id));
    expect_mended(kept, whole);
    BOOST_TEST(kept.all(query(juliet)).size() == 399U);
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_and_what_was_set_aside_are_done_with)
{
    Damaged kept;
    append(kept, juliet, 0, 10);
    append(kept, nurse, 0, 10);
    ChangedBackend::before_open = [](lmdb::WriteTransaction& transaction) {
        const Key first = keys(transaction, Table::archive_journal).front();
        std::string row{*transaction.get(Table::archive_journal, first)};
        row.resize(row.size() - 300);
        transaction.put(Table::archive_journal, first, row);
    };
    kept.reopen();
    BOOST_TEST(faults(kept, nurse).size() == 2U);
    BOOST_TEST(tells(repair(kept, nurse).done, "that were set aside are gone"));
    BOOST_TEST(faults(kept, nurse).empty());
    BOOST_TEST(kept.all(query(juliet)).size() == 8U);
    BOOST_TEST(count_rows(kept, Table::archive_aside) == 0U);
    BOOST_TEST(kept.all(query(juliet)).size() == 8U);
    BOOST_TEST(repair(kept, juliet).done.empty());
}

BOOST_AUTO_TEST_CASE(a_repair_is_done_in_small_transactions_while_others_write)
{
    Damaged kept;
    append(kept, juliet, 0, 4000);
    kept.fold(juliet);
    std::size_t blocks = 0;
    change_rows(kept, juliet, Table::archive_blocks, [&](auto& transaction, const auto& rows) {
        blocks = rows.size();
        for (std::size_t i = 0; i < rows.size(); i += 2) {
            transaction.put(Table::archive_blocks, rows[i], "damaged");
        }
    });
    const auto left = kept.all(query(juliet));
    const std::uint64_t writes = kept.storage().stats().writes;
    unsigned steps = 0;
    const ArchiveRepair mended = repair(kept, juliet, [&] {
        append(kept, juliet, 4000 + 50 * steps++, 50);
        kept.fold(juliet);
    });
    BOOST_TEST(kept.storage().stats().writes - writes > blocks / 32);
    BOOST_TEST(steps > blocks / 32);
    BOOST_TEST(mended.lost == 4000 - left.size());
    BOOST_TEST(
        faults(kept, juliet) == std::vector<std::string>{}, boost::test_tools::per_element());
    const auto now = kept.all(query(juliet));
    BOOST_TEST(now.size() == left.size() + 50 * steps);
    BOOST_TEST(unread(kept, juliet) == std::min<std::size_t>(now.size(), 2000));
}

BOOST_AUTO_TEST_CASE(whatever_is_damaged_all_fits_after_a_repair)
{
    constexpr std::array tables{
        Table::archive_heads,
        Table::archive_blocks,
        Table::archive_blocks,
        Table::archive_with,
        Table::archive_refs,
        Table::inbox,
        Table::inbox_heads,
        Table::inbox_order};
    std::mt19937 random{2};
    for (int round = 0; round < 40; ++round) {
        Damaged kept;
        prepare(kept);
        const auto whole = kept.all(query(juliet));
        for (int i = 0; i < 3; ++i) {
            const Table table = tables[random() % tables.size()];
            change_row(kept, table, random(), [&random](std::string& row) {
                row.resize(row.size() - (random() % 2 == 0 ? random() % (row.size() + 1) : 0));
                for (auto flips = random() % 3; flips > 0 && !row.empty(); --flips) {
                    char& byte = row[random() % row.size()];
                    byte = static_cast<char>(byte ^ (1 << random() % 8));
                }
            });
        }
        BOOST_TEST_CONTEXT("round " << round)
        {
            repair(kept, juliet);
            expect_mended(kept, whole);
            append(kept, juliet, 400, 70);
            kept.fold(juliet);
            BOOST_TEST(faults(kept, juliet).empty());
            kept.time().advance(48h);
            expire(kept, kept.time().wall() - 24h);
            BOOST_TEST(kept.all(query(juliet)).empty());
            BOOST_TEST(kept.all(query(nurse)).empty());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
