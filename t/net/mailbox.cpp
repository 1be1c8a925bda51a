// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sarang {
namespace {

class Numbered final : public Mail {
public:
    Numbered(int from, int place)
        : sender{from}
        , number{place}
    {}

    void open(Shard&) override {}

    const int sender;
    const int number;
};

std::unique_ptr<Mail> numbered(int number, int sender = 0)
{
    return std::make_unique<Numbered>(sender, number);
}

std::vector<int> numbers(MailList list)
{
    std::vector<int> numbers;
    while (const std::unique_ptr<Mail> mail = list.pop()) {
        numbers.push_back(dynamic_cast<Numbered&>(*mail).number);
    }
    return numbers;
}

bool readable(const Mailbox& mailbox)
{
    pollfd descriptor{mailbox.descriptor(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) == 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mailbox)

BOOST_AUTO_TEST_CASE(mail_is_taken_in_the_order_in_which_it_came)
{
    Mailbox box{8};
    for (int i = 0; i < 5; ++i) {
        std::unique_ptr<Mail> mail = numbered(i);
        BOOST_TEST(box.try_post(mail));
        BOOST_TEST(!mail);
    }
    BOOST_TEST((numbers(box.take()) == std::vector{0, 1, 2, 3, 4}));
    BOOST_TEST(box.take().empty());
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_refuses_mail_but_takes_control)
{
    Mailbox box{2};
    for (int i = 0; i < 2; ++i) {
        std::unique_ptr<Mail> mail = numbered(i);
        BOOST_TEST(box.try_post(mail));
    }
    BOOST_TEST(!box.take_turned_away());
    std::unique_ptr<Mail> refused = numbered(2);
    BOOST_TEST(!box.try_post(refused));
    BOOST_REQUIRE(refused);
    box.post_control(numbered(3));
    BOOST_TEST((numbers(box.take()) == std::vector{0, 1, 3}));
    BOOST_TEST(box.take_turned_away());
    BOOST_TEST(!box.take_turned_away());
    BOOST_TEST(box.try_post(refused));
}

BOOST_AUTO_TEST_CASE(only_a_sleeping_reader_is_woken_and_only_once)
{
    Mailbox box{8};
    box.post_control(numbered(0));
    BOOST_TEST(!readable(box));
    BOOST_TEST(!box.fall_asleep());
    box.take();
    BOOST_TEST(box.fall_asleep());
    box.post_control(numbered(1));
    BOOST_TEST(readable(box));
    std::uint64_t count = 0;
    BOOST_TEST(::read(box.descriptor(), &count, sizeof count) == 8);
    box.post_control(numbered(2));
    BOOST_TEST(!readable(box));
    BOOST_TEST((numbers(box.take()) == std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(mail_that_is_never_taken_is_freed)
{
    Mailbox box{8};
    box.post_control(numbered(0));
    MailList list;
    list.push(numbered(1));
    list.push_front(numbered(2));
    MailList moved = std::move(list);
    BOOST_TEST((numbers(std::move(moved)) == std::vector{2, 1}));
}

BOOST_AUTO_TEST_CASE(many_senders_lose_nothing_and_keep_their_order)
{
    constexpr int senders = 3;
    constexpr int each = 20'000;
    Mailbox box{16};
    std::vector<std::thread> threads;
    for (int sender = 0; sender < senders; ++sender) {
        threads.emplace_back([&box, sender] {
            for (int i = 0; i < each; ++i) {
                std::unique_ptr<Mail> mail = numbered(i, sender);
                if (i % 7 == 0) {
                    box.post_control(std::move(mail));
                    continue;
                }
                while (!box.try_post(mail)) {
                    std::this_thread::yield();
                }
            }
        });
    }
    std::vector<int> next(senders, 0);
    int missing = senders * each;
    bool ordered = true;
    while (missing != 0) {
        if (box.fall_asleep()) {
            pollfd descriptor{box.descriptor(), POLLIN, 0};
            BOOST_REQUIRE(::poll(&descriptor, 1, 30'000) == 1);
            std::uint64_t count = 0;
            BOOST_REQUIRE(::read(box.descriptor(), &count, sizeof count) == 8);
        }
        MailList list = box.take();
        while (const std::unique_ptr<Mail> mail = list.pop()) {
            const auto& one = dynamic_cast<Numbered&>(*mail);
            ordered = ordered && one.number == next[static_cast<std::size_t>(one.sender)]++;
            --missing;
        }
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    BOOST_TEST(ordered);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
