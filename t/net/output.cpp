// SPDX-License-Identifier: Apache-2.0
#include "net/output.h"

#include "base/refcount.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <string>
#include <sys/uio.h>

namespace sarang {
namespace {

/// Text that counts how many of its kind live.
class Counted final : public Refcounted {
public:
    static Ref<Counted> make(std::string text, int& alive)
    {
        return Ref<Counted>::adopt(new Counted{std::move(text), alive});
    }

    static void dispose(const Counted* counted) { delete counted; }

    const std::string& text() const { return text_; }

private:
    Counted(std::string text, int& alive)
        : text_{std::move(text)}
        , alive_{alive}
    {
        ++alive_;
    }

    ~Counted() { --alive_; }

    std::string text_;
    int& alive_;
};

SharedBytes all_of(const Ref<Counted>& counted)
{
    return SharedBytes{counted->text(), counted};
}

std::string joined(const Output& output)
{
    std::array<iovec, 64> pieces;
    std::string text;
    for (std::size_t i = 0; i < output.pieces(pieces); ++i) {
        text.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(text_and_shared_bytes_keep_their_places)
{
    int alive = 0;
    Output output;
    BOOST_TEST(output.empty());
    const std::string large(Output::worth_sharing, 'x');
    output.text() += "<message>";
    output.append(all_of(Counted::make(large, alive)));
    output.text() += "</message>";
    output.append(all_of(Counted::make("small", alive)));
    BOOST_TEST(alive == 1);
    BOOST_TEST(output.size() == 9 + large.size() + 10 + 5);
    BOOST_TEST(joined(output) == "<message>" + large + "</message>small");
    output.consume(output.size());
    BOOST_TEST(output.empty());
    BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(a_short_view_takes_only_as_many_pieces)
{
    int alive = 0;
    Output output;
    for (int i = 0; i < 5; ++i) {
        output.text() += "a";
        output.append(all_of(Counted::make(std::string(2000, 'b'), alive)));
    }
    std::array<iovec, 3> few;
    BOOST_TEST(output.pieces(few) == 3U);
    BOOST_TEST(few[2].iov_len == 1U);
}

BOOST_AUTO_TEST_CASE(the_front_is_gathered_only_where_it_must)
{
    int alive = 0;
    std::string scratch(4096, '\0');
    Output output;
    output.text() = std::string(5000, 'a');
    BOOST_TEST(
        static_cast<const void*>(output.front(scratch).data()) ==
        static_cast<const void*>(output.text().data()));
    BOOST_TEST(output.front(scratch).size() == scratch.size());
    output.consume(4990);
    output.append(all_of(Counted::make(std::string(2000, 'b'), alive)));
    output.text() += "c";
    const std::string expected = std::string(10, 'a') + std::string(2000, 'b') + 'c';
    BOOST_TEST(output.front(scratch) == expected);
    BOOST_TEST(output.front(scratch).data() == scratch.data());
}

BOOST_AUTO_TEST_CASE(any_way_of_writing_it_yields_the_same_bytes)
{
    int alive = 0;
    std::mt19937 random{3};
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
    };
    std::string scratch(3000, '\0');
    std::string expected;
    std::string written;
    {
        Output output;
        for (int i = 0; i < 20'000; ++i) {
            const std::string bytes(below(3000), static_cast<char>('a' + i % 26));
            const std::size_t way = below(5);
            if (way == 0) {
                output.text() += bytes;
                expected += bytes;
            } else if (way == 1) {
                output.append(all_of(Counted::make(bytes, alive)));
                expected += bytes;
            } else if (!output.empty()) {
                const std::string_view front = output.front(scratch);
                const std::size_t size = 1 + below(front.size());
                written += front.substr(0, size);
                output.consume(size);
            }
        }
        BOOST_TEST(output.size() == expected.size() - written.size());
        while (!output.empty()) {
            const std::string some = joined(output);
            written += some;
            output.consume(some.size());
        }
    }
    BOOST_TEST((written == expected));
    BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_does_not_hold_what_was_written)
{
    int alive = 0;
    Output output;
    for (int i = 0; i < 10'000; ++i) {
        output.text() += std::string(100, 'a');
        output.append(all_of(Counted::make(std::string(2000, 'b'), alive)));
        if (i >= 10) {
            output.consume(2100);
        }
        BOOST_REQUIRE(alive <= 12);
    }
    BOOST_TEST(output.capacity() < 100'000U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
