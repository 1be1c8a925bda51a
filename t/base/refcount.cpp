// SPDX-License-Identifier: Apache-2.0
#include "base/refcount.h"

#include <boost/test/unit_test.hpp>

#include <thread>
#include <utility>

namespace sarang {
namespace {

/// Tells when the last reference goes.
class Thing final : public Refcounted {
public:
    explicit Thing(int& disposals)
        : disposals_{&disposals}
    {}

    static void dispose(const Thing* thing) { ++*thing->disposals_; }

private:
    int* disposals_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(refcount)

BOOST_AUTO_TEST_CASE(the_last_reference_disposes_of_the_object)
{
    int disposals = 0;
    const Thing thing{disposals};
    {
        auto first = Ref<Thing>::adopt(&thing);
        auto second = first;
        const auto third = std::move(first);
        BOOST_TEST(!first);
        BOOST_TEST((second == third));
        second = Ref<Thing>{};
        BOOST_TEST(disposals == 0);
        BOOST_TEST(third.get() == &thing);
    }
    BOOST_TEST(disposals == 1);
}

BOOST_AUTO_TEST_CASE(a_reference_may_be_assigned_to_itself)
{
    int disposals = 0;
    const Thing thing{disposals};
    {
        auto ref = Ref<Thing>::adopt(&thing);
        const auto& same = ref;
        ref = same;
        BOOST_TEST(disposals == 0);
        BOOST_TEST(static_cast<bool>(ref));
    }
    BOOST_TEST(disposals == 1);
}

BOOST_AUTO_TEST_CASE(threads_may_share_an_object)
{
    int disposals = 0;
    const Thing thing{disposals};
    {
        auto ref = Ref<Thing>::adopt(&thing);
        const auto copy_often = [](Ref<Thing> mine) {
            for (int i = 0; i < 10'000; ++i) {
                const auto copy = mine;
                mine = copy;
            }
        };
        std::thread first{copy_often, ref};
        std::thread second{copy_often, std::move(ref)};
        first.join();
        second.join();
    }
    BOOST_TEST(disposals == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
