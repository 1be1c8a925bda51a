// SPDX-License-Identifier: Apache-2.0
// The rows of the archive, and what becomes of damaged ones.
#include "store/lmdb/archive_block.h"
#include "store/lmdb/archive_chunk.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_inbox_row.h"
#include "store/lmdb/archive_record.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr ArchiveId first{1000};

BlockEntry entry(std::uint64_t step, std::string_view stanza)
{
    BlockEntry entry;
    entry.id = ArchiveId{1000 + step};
    entry.with = step % 2 == 0 ? "w" : "v";
    entry.with_resource = "r";
    entry.message_id = "m";
    entry.refers_to = step == 0 ? "" : "f";
    entry.stanza = stanza;
    entry.role = step == 0 ? EntryRole::mention : EntryRole::sent;
    return entry;
}

JournalRecord record()
{
    return {"o", "h", entry(0, "<a/>")};
}

std::string journal_row()
{
    BytesWriter row;
    begin_journal(row);
    write_record(row, record());
    write_record(row, record());
    return row.take();
}

InboxRow inbox_row()
{
    InboxRow row{"w"};
    for (const auto& [id, role] :
         {std::pair{1000, EntryRole::sent},
          {1300, EntryRole::received},
          {1301, EntryRole::mention},
          {1302, EntryRole::none}}) {
        BlockEntry entry;
        entry.id = ArchiveId{static_cast<std::uint64_t>(id)};
        entry.message_id = "m";
        entry.role = role;
        row.add(entry);
    }
    return row;
}

std::string block_row(std::size_t size)
{
    BlockCodec codec;
    const std::string stanza(size, 'x');
    const std::vector entries{entry(0, "<a/>"), entry(300, stanza), entry(301, "")};
    return write_block(codec, entries);
}

/// A row, and whether it is read as a sound one.
struct Sample {
    std::string name;
    std::string row;
    std::function<bool(std::string_view)> read;
};

std::vector<Sample> samples()
{
    const auto block = [](std::string_view row) {
        BlockCodec codec;
        return Block::read(codec, first, row).has_value();
    };
    const auto journal = [](std::string_view row) {
        JournalReader reader{row};
        while (reader.next()) {
        }
        return !reader.damaged();
    };
    const std::vector<ChunkEntry> chunk{{first, 7}, {ArchiveId{2000}, 8}};
    return {
        {"plain block", block_row(10), block},
        {"packed block", block_row(2000), block},
        {"chunk",
         write_chunk(chunk),
         [](std::string_view row) { return read_chunk(first, row).has_value(); }},
        {"journal", journal_row(), journal},
        {"head",
         encode(ArchiveHead{ArchiveId{1}, ArchiveId{2}, ArchiveId{3}, 4, 5}),
         [](std::string_view row) { return decode_archive_head(row).has_value(); }},
        {"inbox row",
         inbox_row().encode(),
         [](std::string_view row) { return InboxRow::decode(row).has_value(); }},
        {"inbox totals",
         encode(InboxTotals{1, 2, 300, 4}),
         [](std::string_view row) { return decode_inbox_totals(row).has_value(); }},
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_archive_rows)

BOOST_AUTO_TEST_CASE(an_inbox_row_that_contradicts_itself_is_refused)
{
    const auto row = [](std::uint64_t last, std::uint64_t read, std::uint64_t unread) {
        BytesWriter out;
        out.u8(1).string("w").u64(0).u64(last).u64(read).u64(0).u64(0);
        out.varint(1).varint(unread).u32(0).varint(0); // one unread message
        out.varint(0).varint(0);                       // none that the party has not seen
        return InboxRow::decode(out.bytes()).has_value();
    };
    BOOST_TEST(row(1000, 999, 1000));
    BOOST_TEST(!row(1000, 1000, 1000));
    BOOST_TEST(!row(999, 0, 1000));
}

BOOST_AUTO_TEST_CASE(an_inbox_row_is_read_in_the_one_form_that_it_is_written_in)
{
    const auto reads = [](std::string_view step) {
        BytesWriter out;
        const std::uint64_t last = ~std::uint64_t{0};
        out.u8(1).string("w").u64(0).u64(last).u64(0).u64(0).u64(0);
        out.varint(1).raw(step).u32(0).varint(0);
        out.varint(0).varint(0);
        return InboxRow::decode(out.bytes()).has_value();
    };
    BOOST_TEST(reads("\x7f"));
    BOOST_TEST(reads("\x80\x01"));
    BOOST_TEST(!reads(std::string_view{"\x81\x00", 2})); // 1, but not in the shortest form
    BOOST_TEST(!reads(std::string_view{"\x00", 1}));
    BOOST_TEST(reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    BOOST_TEST(!reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")); // more than 64 bits
    BOOST_TEST(!reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
}

BOOST_AUTO_TEST_CASE(an_inbox_row_is_the_same_whether_it_was_written_meanwhile_or_not)
{
    InboxRow kept{"w"};
    InboxRow written{"w"};
    const auto change = [&kept, &written](auto deed) {
        deed(kept);
        deed(written);
        written = InboxRow::decode(written.encode()).value();
        BOOST_TEST_REQUIRE((kept == written));
    };
    const auto id_of = [](std::uint64_t number) { return ArchiveId{1000 * number}; };
    for (std::uint64_t i = 1; i <= 2 * Conversation::most_unread + 300; ++i) {
        const std::string message_id = std::to_string(i);
        BlockEntry entry;
        entry.id = id_of(i);
        entry.message_id = message_id;
        entry.role = i % 7 == 0 ? EntryRole::mention : EntryRole::received;
        change([&entry](InboxRow& row) { row.add(entry); });
    }
    BOOST_TEST(kept.unread() == Conversation::most_unread);
    change([&id_of](InboxRow& row) { row.forget(id_of(1000)); }); // there was no room for it
    BOOST_TEST(kept.unread() == Conversation::most_unread);
    change([&id_of](InboxRow& row) { row.forget(id_of(1500)); });
    change([&id_of](InboxRow& row) { row.read_through(id_of(1400)); });
    change([&id_of](InboxRow& row) { row.remove_through(id_of(2290)); });
    BOOST_TEST(kept.unread() == 10);
    BOOST_TEST(kept.encode() == written.encode());
}

BOOST_AUTO_TEST_CASE(a_block_of_schema_2_is_read_as_it_is)
{
    BytesWriter body;
    body.varint(1).string("w").varint(0).varint(0);
    body.string("r").string("m").string("").string("<message/>");
    BytesWriter row;
    row.u8(1).u8(0).varint(1).varint(0).varint(body.bytes().size()).raw(body.bytes());
    BlockCodec codec;
    const auto block = Block::read(codec, first, row.bytes());
    BOOST_TEST_REQUIRE(block.has_value());
    const BlockEntry expected{first, "w", "r", "m", "", "<message/>", EntryRole::none};
    BOOST_TEST((block->entries() == std::vector{expected}));
}

BOOST_AUTO_TEST_CASE(a_head_of_schema_3_is_read_as_it_is)
{
    BytesWriter row;
    row.u8(1).u64(1).u64(2).u64(3).u64(4).u64(5).u64(6);
    const auto head = decode_archive_head(row.bytes());
    BOOST_TEST_REQUIRE(head.has_value());
    BOOST_TEST((*head == ArchiveHead{ArchiveId{1}, ArchiveId{2}, ArchiveId{3}, 4, 5}));
}

BOOST_AUTO_TEST_CASE(a_block_comes_back_as_it_was)
{
    for (const std::size_t size : {0, 10, 2000, 100'000}) {
        BlockCodec codec;
        const std::string stanza(size, 'x');
        const std::vector entries{entry(0, "<a/>"), entry(300, stanza), entry(301, "")};
        const std::string row = write_block(codec, entries);
        const auto block = Block::read(codec, first, row);
        BOOST_TEST_REQUIRE(block.has_value());
        BOOST_TEST((block->entries() == entries));
        BOOST_TEST((block->find(ArchiveId{1300}) == &block->entries()[1]));
        BOOST_TEST((block->find(ArchiveId{1299}) == nullptr));
        BOOST_TEST(row.size() < 200U);
        const auto head = read_block_head(first, row);
        BOOST_TEST_REQUIRE(head.has_value());
        BOOST_TEST(head->count == 3U);
        BOOST_TEST((head->last == ArchiveId{1301}));
    }
}

BOOST_AUTO_TEST_CASE(a_chunk_grows_without_being_read)
{
    std::vector<ChunkEntry> entries{{first, 1}};
    std::string row = write_chunk(entries);
    for (std::uint16_t i = 2; i < 200; ++i) {
        const ChunkEntry next{ArchiveId{std::uint64_t{1000} * i}, i};
        row = extend_chunk(row, {&next, 1});
        entries.push_back(next);
    }
    BOOST_TEST((read_chunk(first, row) == entries));
    BOOST_TEST((last_of_chunk(row) == entries.back().id));
    BOOST_TEST(row == write_chunk(entries));
}

// On disk from the first release on: a change of these bytes needs a new version of the row.
BOOST_AUTO_TEST_CASE(the_bytes_of_rows_are_frozen)
{
    BOOST_TEST(
        block_row(1) == "\2\0\3\xad\2\x28\2\1w\1v\0\0\3\1r\1m\0\4<a/>"
                        "\xac\2\0\1\1r\1m\1f\1x\1\1\1\1r\1m\1f\0"s);
    const std::vector<ChunkEntry> chunk{{first, 7}, {ArchiveId{1300}, 8}};
    BOOST_TEST(write_chunk(chunk) == "\1\0\0\0\0\0\0\5\x14\0\0\7\xac\2\0\10"s);
    BytesWriter row;
    begin_journal(row);
    write_record(row, record());
    BOOST_TEST(row.bytes() == "\3\0\0\0\0\0\0\3\xe8\3\1o\1h\1w\1r\1m\0\4<a/>"s);
}

BOOST_AUTO_TEST_CASE(a_row_that_was_cut_short_is_refused)
{
    for (const Sample& sample : samples()) {
        BOOST_TEST(sample.read(sample.row), sample.name);
        for (std::size_t size = 0; size < sample.row.size(); ++size) {
            const bool whole_records =
                sample.name == "journal" && (size == 1 || size == 1 + (sample.row.size() - 1) / 2);
            BOOST_TEST(
                sample.read(sample.row.substr(0, size)) == whole_records,
                sample.name << " cut to " << size);
        }
    }
}

BOOST_AUTO_TEST_CASE(flipped_bits_and_random_bytes_do_no_harm)
{
    std::mt19937 random{1};
    for (const Sample& sample : samples()) {
        for (std::size_t bit = 0; bit < 8 * sample.row.size(); ++bit) {
            std::string damaged = sample.row;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
            sample.read(damaged);
        }
        for (int i = 0; i < 5000; ++i) {
            std::string bytes = sample.row.substr(0, random() % sample.row.size());
            for (char& byte : bytes) {
                byte = random() % 4 == 0 ? static_cast<char>(random()) : byte;
            }
            sample.read(bytes);
        }
    }
}

BOOST_AUTO_TEST_CASE(ids_rise_within_a_bucket_and_say_whose_they_are)
{
    const Clock::Wall now = time_of(ArchiveId{}) + 1000h;
    ArchiveIds ids{bound_of(now)};
    ArchiveId last = ArchiveId::none;
    for (int i = 0; i < 10'000; ++i) {
        const ArchiveId id = ids.next(now - std::chrono::milliseconds{i % 3}, 4095);
        BOOST_TEST_REQUIRE((id > last));
        BOOST_TEST_REQUIRE(bucket_of(id) == 4095U);
        last = id;
    }
    BOOST_TEST((time_of(last) > now));                    // more than a millisecond has numbers
    BOOST_TEST((time_of(ids.next(now, 0)) == now + 1ms)); // its mark's own was left out
    BOOST_TEST((time_of(ids.next(now + 5s, 4095)) == now + 5s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
