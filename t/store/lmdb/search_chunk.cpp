// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_chunk.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

using Ids = std::vector<ArchiveId>;

// Millisecond, bucket 9 and sequence.
ArchiveId id(std::uint64_t time, std::uint64_t sequence = 0)
{
    return ArchiveId{time << 23 | std::uint64_t{9} << 11 | sequence};
}

} // namespace

BOOST_AUTO_TEST_SUITE(search_chunk)

BOOST_AUTO_TEST_CASE(ids_come_back_as_they_were_written)
{
    const Ids ids{
        id(1), id(1, 1), id(1, 2047), id(2), id(1'000'000'000'000), id(2'199'023'255'551)};
    BOOST_TEST((read_search_chunk(ids.front(), write_search_chunk(ids)) == ids));
}

BOOST_AUTO_TEST_CASE(a_second_between_two_ids_takes_three_bytes)
{
    const std::size_t one = write_search_chunk(Ids{id(1000)}).size();
    BOOST_TEST(write_search_chunk(Ids{id(1000), id(2000)}).size() == one + 3);
}

BOOST_AUTO_TEST_CASE(a_damaged_row_has_no_ids)
{
    const Ids ids{id(1), id(2), id(70)};
    const std::string row = write_search_chunk(ids);
    for (std::size_t size = 0; size < row.size(); ++size) {
        BOOST_TEST(!read_search_chunk(id(1), row.substr(0, size)));
    }
    std::string other_version = row;
    other_version[0] = 9;
    BOOST_TEST(!read_search_chunk(id(1), other_version));
    BOOST_TEST(!read_search_chunk(id(2), row));
}

BOOST_AUTO_TEST_CASE(whatever_bytes_a_row_has_they_do_no_harm)
{
    std::string row = write_search_chunk(Ids{id(1), id(2), id(70)});
    for (std::size_t at = 0; at < row.size(); ++at) {
        for (const char change : {'\x00', '\x7f', '\x80', '\xff'}) {
            std::string changed = row;
            changed[at] = change;
            const auto ids = read_search_chunk(id(1), changed);
            BOOST_TEST((!ids || !ids->empty()));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
