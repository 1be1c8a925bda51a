// SPDX-License-Identifier: Apache-2.0
#include "xml/nickname.h"

#include "xml/jid.h"

#include <boost/test/unit_test.hpp>
#include <unicode/uspoof.h>

#include <string>

namespace sarang {
namespace {

struct Pair {
    const char* one;
    const char* other;
};

/// As it stands in an occupant's address.
std::string nick(const char* text)
{
    return std::string{Jid::make("coven", "rooms.lit", text).value().resource()};
}

bool alike(const Pair& pair)
{
    return look_alike(look_of(nick(pair.one)), look_of(nick(pair.other)));
}

/// By the tables of ICU itself.
std::string skeleton(const std::string& text)
{
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker* const checker = uspoof_open(&status);
    std::string made(64, '\0');
    const int32_t size = uspoof_getSkeletonUTF8(
        checker, 0, text.data(), static_cast<int32_t>(text.size()), made.data(), 64, &status);
    uspoof_close(checker);
    BOOST_TEST_REQUIRE(U_SUCCESS(status));
    return made.substr(0, static_cast<std::size_t>(size));
}

} // namespace

BOOST_AUTO_TEST_SUITE(nickname)

BOOST_AUTO_TEST_CASE(one_may_be_taken_for_the_other)
{
    for (const Pair& pair : {
             Pair{"thirdwitch", "thirdwitch"},
             Pair{"thirdwitch", "ThirdWitch"},
             Pair{"third witch", " third  witch "},
             Pair{"Straße", "STRASSE"},
             Pair{"Ωmega", "ωmega"},
             Pair{"juliet", "ｊｕｌｉｅｔ"}, // full width
             Pair{"ﾛﾐｵ", "ロミオ"},          // half width
             Pair{"juliet", "јuliet"},       // Cyrillic je
             Pair{"сор", "cop"},             // all Cyrillic
             Pair{"СОР", "cop"},
             Pair{"ΑΒΕ", "ABE"}, // Greek
             Pair{"Iris", "lris"},
             Pair{"admin1", "adminl"},
             Pair{"b0B", "bOB"},
             Pair{"modern", "modem"},
             Pair{"José", "Jose\u0301"},
             Pair{"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"}, // conjoining jamo
             Pair{"한글", " 한글"},
             Pair{"ㅡ", "ー"},
             Pair{"🧙‍♀️ hag", "🧙♀ HAG"},
         }) {
        BOOST_TEST(alike(pair), pair.one << " and " << pair.other);
    }
}

BOOST_AUTO_TEST_CASE(nobody_takes_one_for_the_other)
{
    for (const Pair& pair : {
             Pair{"firstwitch", "secondwitch"},
             Pair{"third witch", "thirdwitch"},
             Pair{"iris", "lris"},
             Pair{"bob", "b0b"},
             Pair{"Jose", "José"},
             Pair{"한글", "한굴"},
             Pair{"로미오", "로미아"},
             Pair{"김철수", "김절수"},
             Pair{"ロミオ", "ろみお"},
             Pair{"мир", "mир2"},
             Pair{"🧙", "🧙‍♀️"},
             Pair{"👩‍💻", "👨‍💻"},
             Pair{"👍🏻", "👍🏿"},
             Pair{"🇰🇷", "🇰🇵"},
         }) {
        BOOST_TEST(!alike(pair), pair.one << " and " << pair.other);
    }
}

BOOST_AUTO_TEST_CASE(what_hides_something_is_not_all_visible)
{
    for (const char* const text : {
             "hag\u200b", // zero width space
             "hag\u200d", // and joiner
             "h\u00adag", // soft hyphen
             "\u202egah", // turns text around
             "hag\u2069", // isolates
             "\u061chag",
             "hag\u3164", // Hangul fillers
             "\u115f\u1160",
             "hag\ufe0f",
             "hag\u2800", // Braille without dots
             "hag\u180e",
             "hag\U000e0041", // tags
             "hag\u2028",
             "hag\u0007",
             "hag\xff",
         }) {
        BOOST_TEST(!is_all_visible(text));
    }
}

BOOST_AUTO_TEST_CASE(names_of_all_scripts_are_visible_as_they_stand_in_an_address)
{
    for (const char* const text : {
             "thirdwitch",
             "third witch",
             "한글",
             "로미오 🎭",
             "Джульетта",
             "ジュリエット",
             "عمر",
             "שלום",
             "देवनागरी",
             "👩‍💻", // as an address has it, the joiner is gone
             "🧙‍♀️",
             "👨‍👩‍👧",
             "❤️",
             "🇰🇷",
             "👍🏿",
         }) {
        BOOST_TEST(is_all_visible(nick(text)), text);
    }
}

BOOST_AUTO_TEST_CASE(the_short_way_of_ascii_is_that_of_all_others)
{
    for (char c = '!'; c < '\x7f'; ++c) {
        const std::string text{c};
        BOOST_TEST(look_of(text).shape == skeleton(text));
        BOOST_TEST(look_of("한" + text).shape == skeleton("한" + text));
    }
}

BOOST_AUTO_TEST_CASE(the_length_counts_code_points)
{
    BOOST_TEST(length_of("") == 0U);
    BOOST_TEST(length_of("hag") == 3U);
    BOOST_TEST(length_of("한글") == 2U);
    BOOST_TEST(length_of("🧙") == 1U);
}

BOOST_AUTO_TEST_CASE(what_grows_is_taken_whole)
{
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += "ﷺm"; // NFKC makes eighteen letters of the first
    }
    BOOST_TEST(!look_of(text).folded.empty());
    BOOST_TEST(!look_alike(look_of(text), look_of(text + "x")));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
