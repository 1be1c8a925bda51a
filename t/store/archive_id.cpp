// SPDX-License-Identifier: Apache-2.0
#include "store/archive_store.h"

#include <boost/test/unit_test.hpp>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr Clock::Wall noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

BOOST_AUTO_TEST_SUITE(archive_id)

BOOST_AUTO_TEST_CASE(an_id_tells_the_millisecond_in_which_its_entry_came)
{
    BOOST_TEST((time_of(bound_of(noon + 7ms)) == noon + 7ms));
}

BOOST_AUTO_TEST_CASE(a_bound_is_below_all_ids_of_its_time_and_above_all_before)
{
    const auto last_before = static_cast<std::uint64_t>(bound_of(noon)) - 1;
    BOOST_TEST((time_of(ArchiveId{last_before}) == noon - 1ms));
    BOOST_TEST((bound_of(noon) < bound_of(noon + 1ms)));
}

BOOST_AUTO_TEST_CASE(a_time_before_all_archives_has_the_lowest_bound)
{
    BOOST_TEST((bound_of(Clock::Wall{}) == ArchiveId::none));
}

BOOST_AUTO_TEST_CASE(who_may_try_again_is_told_so)
{
    BOOST_TEST((append_error(AppendOutcome::refused).condition == Condition::resource_constraint));
    BOOST_TEST(
        (append_error(AppendOutcome::not_owner).condition == Condition::resource_constraint));
    BOOST_TEST(
        (append_error(AppendOutcome::in_doubt).condition == Condition::remote_server_timeout));
    BOOST_TEST((append_error(AppendOutcome::failed).condition == Condition::internal_server_error));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
