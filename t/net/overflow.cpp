// SPDX-License-Identifier: Apache-2.0
#include "net/overflow.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>

namespace sarang {
namespace {

class Blank final : public Mail {
public:
    void open(Shard&) override {}
};

struct Waiter final : Relief {
    explicit Waiter(Overflow& overflow)
        : target{overflow}
    {}

    void on_relief() override
    {
        ++reliefs;
        if (again) {
            target.wait(*this);
        }
    }

    Overflow& target;
    int reliefs = 0;
    bool again = false;
};

std::size_t count(MailList list)
{
    std::size_t count = 0;
    while (list.pop()) {
        ++count;
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(overflow)

BOOST_AUTO_TEST_CASE(it_holds_what_does_not_fit_and_tells_when_all_went)
{
    Mailbox target{2};
    Overflow overflow{target};
    for (int i = 0; i < 5; ++i) {
        overflow.send(std::make_unique<Blank>());
    }
    BOOST_TEST(!overflow.empty());
    Waiter waiter{overflow};
    waiter.again = true;
    overflow.wait(waiter);
    std::optional<Waiter> gone{std::in_place, overflow};
    overflow.wait(*gone);
    gone.reset();
    BOOST_TEST(count(target.take()) == 2U);
    BOOST_TEST(target.take_turned_away());
    overflow.retry();
    BOOST_TEST(waiter.reliefs == 0);
    BOOST_TEST(count(target.take()) == 2U);
    overflow.retry();
    BOOST_TEST(overflow.empty());
    BOOST_TEST(waiter.reliefs == 1);
    BOOST_TEST(count(target.take()) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
