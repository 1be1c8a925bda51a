// SPDX-License-Identifier: Apache-2.0
#include "net/link.h"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace sarang {
namespace {

struct Member final : Relief {
    explicit Member(int place)
        : number{place}
    {}

    void on_relief() override {}

    const int number;
};

/// Empties the list.
std::vector<int> numbers(Link& list)
{
    std::vector<int> numbers;
    while (list.linked()) {
        auto& member = static_cast<Member&>(list.front());
        numbers.push_back(member.number);
        member.unlink();
    }
    return numbers;
}

} // namespace

BOOST_AUTO_TEST_SUITE(link)

BOOST_AUTO_TEST_CASE(members_stand_in_order_and_leave_when_destroyed)
{
    Link list;
    BOOST_TEST(!list.linked());
    Member first{1};
    Member third{3};
    list.push_back(first);
    {
        Member second{2};
        list.push_back(second);
        list.push_back(third);
        BOOST_TEST(second.linked());
    }
    list.push_back(first);
    BOOST_TEST((numbers(list) == std::vector{3, 1}));
    BOOST_TEST(!first.linked());
}

BOOST_AUTO_TEST_CASE(a_head_takes_over_all_of_another)
{
    Link list;
    Link other;
    list.take_from(other);
    BOOST_TEST(!list.linked());
    Member first{1};
    Member second{2};
    other.push_back(first);
    other.push_back(second);
    list.take_from(other);
    BOOST_TEST(!other.linked());
    BOOST_TEST((numbers(list) == std::vector{1, 2}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
