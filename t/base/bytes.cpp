// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace sarang {

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

struct Pair {
    std::string_view bytes;
    std::string_view text;
};

// RFC 4648 §10, and bytes that need the whole alphabet.
const std::vector<Pair> base64_pairs{
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf"sv, "+/+/"},
    {"\0\0\0"sv, "AAAA"},
};

const std::vector<std::string_view> no_base64{
    "Z",
    "Zg",
    "Zg=",
    "Zg===",
    "=",
    "==",
    "===",
    "====",
    "Z===",
    "Zm9v====",
    "Zm9vYg",
    "Zh==",
    "Zm9=",
    "Zm9vYmF=",
    "Zm9v\n",
    " Zm9v",
    "Zm9 vYg",
    "Zm9vYg= ",
    "Zg==Zm9v",
    "Zm=v",
    "Z=9v",
    "-_-_",
    "Zm9\0"sv,
    "Zm9\xc3",
    "Zm9v\r\nYmFy",
    "Zm9vYmFy\n\n\n\n",
};

} // namespace

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(base64_is_that_of_rfc_4648)
{
    for (const auto& [plain, text] : base64_pairs) {
        BOOST_TEST(base64_encode(plain) == text);
        BOOST_TEST(base64_decode(text).value() == plain);
    }
}

BOOST_AUTO_TEST_CASE(base64_takes_one_text_only_for_the_same_bytes)
{
    for (const std::string_view text : no_base64) {
        BOOST_TEST(!base64_decode(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(base64_gives_back_random_bytes)
{
    std::mt19937 random{1};
    for (std::size_t size = 0; size < 200; ++size) {
        std::string plain(size, '\0');
        for (char& byte : plain) {
            byte = static_cast<char>(random());
        }
        BOOST_TEST(base64_decode(base64_encode(plain)).value() == plain);
        BOOST_TEST(hex_decode(hex_encode(plain)).value() == plain);
    }
}

BOOST_AUTO_TEST_CASE(base64url_has_its_own_alphabet_and_no_padding)
{
    BOOST_TEST(base64url_encode("\xfb\xff\xbf\xfb"sv) == "-_-_-w");
}

BOOST_AUTO_TEST_CASE(hex_is_written_in_lower_case_and_read_in_both)
{
    BOOST_TEST(hex_encode("\x00\x9f\xa0\xff"sv) == "009fa0ff");
    BOOST_TEST(hex_decode("009fA0Ff").value() == "\x00\x9f\xa0\xff"sv);
    for (const std::string_view text : {"0", "0g", "g0", "0 ", "@0", "`0", "/0", ":0", "0\xb0"}) {
        BOOST_TEST(!hex_decode(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(secrets_are_equal_when_all_bytes_are)
{
    BOOST_TEST(equal_in_constant_time("", ""));
    BOOST_TEST(equal_in_constant_time("secret", "secret"));
    BOOST_TEST(!equal_in_constant_time("secret", "secres"));
    BOOST_TEST(!equal_in_constant_time("secret", "tecret"));
    BOOST_TEST(!equal_in_constant_time("secret", "secret "));
    BOOST_TEST(!equal_in_constant_time("\0a"sv, "\0b"sv));
}

namespace {

std::string one_of_each()
{
    BytesWriter writer;
    writer.u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).boolean(true);
    writer.varint(300).string("jid").raw("raw");
    return writer.take();
}

/// Whether all is there and right; zero and empty for what is not.
bool read_one_of_each(BytesReader& reader)
{
    bool right = reader.u8() == 1;
    right &= reader.u16() == 0x0203;
    right &= reader.u32() == 0x04050607;
    right &= reader.u64() == 0x08090a0b0c0d0e0f;
    right &= reader.boolean();
    right &= reader.varint() == 300;
    right &= reader.string() == "jid";
    right &= reader.raw(3) == "raw";
    return right;
}

} // namespace

BOOST_AUTO_TEST_CASE(numbers_are_big_endian)
{
    BOOST_TEST(hex_encode(one_of_each()) == "0102030405060708090a0b0c0d0e0f01ac02036a6964726177");
}

BOOST_AUTO_TEST_CASE(a_reader_reads_what_a_writer_wrote)
{
    const std::string written = one_of_each();
    BytesReader reader{written};
    BOOST_TEST(read_one_of_each(reader));
    BOOST_TEST(reader.ok());
    BOOST_TEST(reader.complete());
}

BOOST_AUTO_TEST_CASE(a_reader_of_too_little_fails_once_and_for_all)
{
    const std::string written = one_of_each();
    for (std::size_t size = 0; size < written.size(); ++size) {
        // A copy of just that size, so that a sanitizer sees the slightest step beyond.
        const std::vector<char> part(written.begin(), written.begin() + static_cast<long>(size));
        BytesReader reader{{part.data(), part.size()}};
        BOOST_TEST(!read_one_of_each(reader));
        BOOST_TEST(!reader.ok());
        BOOST_TEST(!reader.complete());
        BOOST_TEST(reader.u8() == 0);
        BOOST_TEST(reader.string().empty());
        BOOST_TEST(reader.rest().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_reader_of_too_much_is_not_complete)
{
    BytesReader reader{"\x01\x02"sv};
    BOOST_TEST(reader.u8() == 1);
    BOOST_TEST(reader.ok());
    BOOST_TEST(!reader.complete());
    BOOST_TEST(reader.rest() == "\x02");
}

BOOST_AUTO_TEST_CASE(varints_of_any_size_come_back)
{
    std::vector<std::uint64_t> numbers{0, 1, std::numeric_limits<std::uint64_t>::max()};
    for (unsigned bits = 1; bits < 64; ++bits) {
        numbers.push_back((std::uint64_t{1} << bits) - 1);
        numbers.push_back(std::uint64_t{1} << bits);
    }
    for (const std::uint64_t number : numbers) {
        BytesWriter writer;
        writer.varint(number);
        BytesReader reader{writer.bytes()};
        BOOST_TEST(reader.varint() == number);
        BOOST_TEST(reader.complete());
    }
}

BOOST_AUTO_TEST_CASE(a_varint_is_read_in_its_shortest_form_only)
{
    const std::vector<std::string_view> malformed{
        "",
        "80",
        "8000",
        "ff00",
        "808000",
        "ffffffffffffffffff02",   // 65 bits
        "ffffffffffffffffff7f",   // more of them
        "ffffffffffffffffffff01", // an eleventh byte
        "80808080808080808080808000",
    };
    for (const std::string_view text : malformed) {
        const std::string coded = hex_decode(text).value();
        BytesReader reader{coded};
        BOOST_TEST(reader.varint() == 0, text);
        BOOST_TEST(!reader.ok(), text);
    }
}

BOOST_AUTO_TEST_CASE(a_boolean_is_zero_or_one)
{
    BytesReader reader{"\x00\x01\x02"sv};
    BOOST_TEST(!reader.boolean());
    BOOST_TEST(reader.boolean());
    BOOST_TEST(reader.ok());
    BOOST_TEST(!reader.boolean());
    BOOST_TEST(!reader.ok());
}

BOOST_AUTO_TEST_CASE(a_count_is_never_more_than_could_be_there)
{
    struct Case {
        std::string_view coded;
        std::size_t smallest;
        bool taken;
    };

    const std::vector<Case> cases{
        {"00", 1, true},
        {"03616263", 1, true},
        {"04616263", 1, false},
        {"0161626364", 4, true},
        {"0261626364", 4, false},
        {"ffffffffffffffffff01", 1, false},
    };
    for (const Case& each : cases) {
        const std::string coded = hex_decode(each.coded).value();
        BytesReader reader{coded};
        const std::size_t count = reader.count(each.smallest);
        BOOST_TEST(reader.ok() == each.taken, each.coded);
        BOOST_TEST((each.taken || count == 0), each.coded);
    }
}

BOOST_AUTO_TEST_CASE(a_string_longer_than_what_is_left_fails)
{
    BytesReader reader{"\x05"
                       "abcd"sv};
    BOOST_TEST(reader.string().empty());
    BOOST_TEST(!reader.ok());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
