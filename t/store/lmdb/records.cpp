// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/records.h"

#include "store/lmdb/room_rows.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

using namespace std::string_literals;

/// A record's bytes, and whether what they decode to encodes to the same again.
struct Sample {
    std::string name;
    std::string bytes;
    std::function<std::optional<std::string>(std::string_view)> again;
};

template <class Decode>
Sample sample(std::string name, std::string bytes, Decode decode)
{
    auto again = [decode](std::string_view damaged) -> std::optional<std::string> {
        const auto decoded = decode(damaged);
        return decoded ? std::optional{encode(*decoded)} : std::nullopt;
    };
    return {std::move(name), std::move(bytes), again};
}

Account account()
{
    const std::string digest(size(Hash::sha256), 'k');
    const std::string short_digest(size(Hash::sha1), 'k');
    const ScramKeys longer{Hash::sha256, 10'000, "salt", {Digest{digest}, Digest{digest}}};
    const ScramKeys shorter{Hash::sha1, 4096, "", {Digest{short_digest}, Digest{short_digest}}};
    return {{}, "capulet.example", {longer, shorter}, Clock::Wall{std::chrono::milliseconds{99}}};
}

RosterRow roster_row()
{
    RosterRow row{RosterItem{.contact = "romeo@montague.example", .name = "Romeo"}, 77};
    row.item.groups = {"Friends", ""};
    row.item.subscription = Subscription::both;
    row.item.approved = true;
    row.item.request = "<presence/>";
    return row;
}

RoomRow room_row()
{
    return {"room", 9, 2, true, "title", "config", "state"};
}

std::vector<Sample> samples()
{
    const OfflineRow offline{Clock::Wall{std::chrono::milliseconds{99}}, "<message/>"};
    return {
        sample("account", encode(account()), decode_account),
        sample("roster head", encode(RosterHead{9, 2, 3}), decode_roster_head),
        sample("roster row", encode(roster_row()), decode_roster_row),
        sample("offline head", encode(OfflineHead{9, 2}), decode_offline_head),
        sample("offline row", encode(offline), decode_offline_row),
        sample("named value", encode(NamedValue{"name", "value"}), decode_named_value),
        sample("room", encode(room_row()), decode_room_row),
        sample("room totals", encode(RoomTotals{9, 2}), decode_room_totals),
        sample("past room", encode(PastRoom{"room", 9, 2}), decode_past_room),
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_records)

BOOST_AUTO_TEST_CASE(records_come_back_as_they_were)
{
    for (const Sample& sample : samples()) {
        BOOST_TEST_CONTEXT(sample.name)
        {
            BOOST_TEST((sample.again(sample.bytes) == sample.bytes));
        }
    }
    BOOST_TEST((decode_account(encode(account())) == account()));
    BOOST_TEST((decode_roster_row(encode(roster_row())) == roster_row()));
}

// On disk from the first release on: a change of these bytes needs a new version of the record.
BOOST_AUTO_TEST_CASE(the_bytes_of_records_are_frozen)
{
    BOOST_TEST(
        encode(RosterHead{9, 2, 3}) == "\1\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3"s);
    BOOST_TEST(encode(OfflineHead{9, 2}) == "\1\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\2"s);
    BOOST_TEST(encode(NamedValue{"name", "value"}) == "\1\4namevalue"s);
    const OfflineRow row{Clock::Wall{std::chrono::milliseconds{99}}, "<message/>"};
    BOOST_TEST(encode(row) == "\1\0\0\0\0\0\0\0c<message/>"s);
    RosterItem item{.contact = "c", .name = "n", .groups = {"g"}};
    item.subscription = Subscription::to;
    item.ask = true;
    item.pending_in = true;
    item.request = "r";
    BOOST_TEST(encode(RosterRow{item, 7}) == "\1\1c\0\0\0\0\0\0\0\7\1\5\1n\1r\1\1g"s);
    BOOST_TEST(
        encode(room_row()) == "\1\4room\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\2\1\5title\6config\5state"s);
    BOOST_TEST(encode(RoomTotals{9, 2}) == "\1\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\2"s);
    BOOST_TEST(encode(PastRoom{"room", 9, 2}) == "\1\4room\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\2"s);
}

BOOST_AUTO_TEST_CASE(a_record_that_was_cut_short_is_no_other_record)
{
    for (const Sample& sample : samples()) {
        for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
            const std::string cut = sample.bytes.substr(0, size);
            const auto again = sample.again(cut);
            BOOST_TEST((!again || *again == cut), sample.name << " cut to " << size);
        }
    }
}

BOOST_AUTO_TEST_CASE(flipped_bits_are_found_or_give_another_sound_record)
{
    for (const Sample& sample : samples()) {
        for (std::size_t bit = 0; bit < 8 * sample.bytes.size(); ++bit) {
            std::string damaged = sample.bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
            const auto again = sample.again(damaged);
            BOOST_TEST((!again || *again == damaged), sample.name << " with bit " << bit);
        }
    }
}

BOOST_AUTO_TEST_CASE(random_bytes_do_no_harm)
{
    std::mt19937 random{1};
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes(random() % 64, '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(random());
        }
        if (!bytes.empty() && i % 2 == 0) {
            bytes[0] = 1; // beyond the version
        }
        for (const Sample& sample : samples()) {
            const auto again = sample.again(bytes);
            BOOST_TEST_REQUIRE((!again || *again == bytes));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_newer_record_is_refused)
{
    for (const Sample& sample : samples()) {
        std::string newer = sample.bytes;
        newer[0] = 2;
        BOOST_TEST(!sample.again(newer).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
