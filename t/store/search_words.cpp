// SPDX-License-Identifier: Apache-2.0
#include "store/search_words.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace sarang {
namespace {

using Terms = std::vector<std::string>;

struct Found {
    const char* words;
    const char* text;
};

} // namespace

BOOST_AUTO_TEST_SUITE(search_words)

BOOST_AUTO_TEST_CASE(words_stand_between_spaces_and_punctuation)
{
    SearchWords words;
    BOOST_TEST(
        words.terms("Wherefore art thou, Romeo?") == (Terms{"art", "romeo", "thou", "wherefore"}));
    BOOST_TEST(words.terms("don't, 3.14!") == (Terms{"3.14", "don't"}));
}

BOOST_AUTO_TEST_CASE(korean_is_found_by_characters_and_pairs)
{
    SearchWords words;
    BOOST_TEST(words.terms("사랑방") == (Terms{"랑", "랑방", "방", "사", "사랑"}));
    BOOST_TEST(words.request("사랑방").terms == (Terms{"랑방", "사랑"}));
    BOOST_TEST(words.request("방").terms == (Terms{"방"}));
}

BOOST_AUTO_TEST_CASE(letters_beside_korean_are_words_of_their_own)
{
    SearchWords words;
    BOOST_TEST(words.terms("xmpp서버2") == (Terms{"2", "xmpp", "버", "서", "서버"}));
}

BOOST_AUTO_TEST_CASE(each_text_is_found_by_what_people_type)
{
    SearchWords words;
    for (const Found& one : std::initializer_list<Found>{
             {"romeo", "ROMEO"},
             {"ROMEO thou", "thou art Romeo"},
             {"사랑방", "어제 사랑방에서 만났어요"},
             {"만났", "어제 사랑방에서 만났어요"},
             {"日本", "日本語を話します"},
             {"東京都", "私は東京都に住んでいます"},
             {"コーヒー", "コーヒーを飲む"},
             {"ｺｰﾋｰ", "コーヒーを飲む"}, // half-width forms
             {"中文", "我会说中文。"},
             {"ＸＭＰＰ", "xmpp"},
             {"한", "한"}, // conjoining jamo
             {"straße", "STRASSE"},
             {"🎈", "축하해요 🎈🎈"},
             {"สวัสดี", "สวัสดีครับ"},
         }) {
        BOOST_TEST_CONTEXT(one.words << " in " << one.text)
        {
            BOOST_TEST(words.matches(words.request(one.words), one.text));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found)
{
    SearchWords words;
    for (const Found& one : std::initializer_list<Found>{
             {"rome", "Romeo"},
             {"사랑방", "사랑 그리고 랑방"}, // has both pairs
             {"방사", "사랑방"},
             {"romeo juliet", "romeo"},
         }) {
        BOOST_TEST_CONTEXT(one.words << " in " << one.text)
        {
            BOOST_TEST(!words.matches(words.request(one.words), one.text));
        }
    }
}

BOOST_AUTO_TEST_CASE(signs_alone_look_for_nothing)
{
    SearchWords words;
    BOOST_TEST(words.request(" ?!… ").empty());
    BOOST_TEST(words.request("").empty());
}

BOOST_AUTO_TEST_CASE(long_words_and_endless_texts_are_bounded)
{
    SearchWords words;
    BOOST_TEST(words.terms(std::string(1000, 'x')).empty());
    std::string text;
    for (int i = 0; i < 10'000; ++i) {
        text += std::to_string(i) + ' ';
    }
    BOOST_TEST(words.terms(text).size() == 4096U);
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_does_no_harm)
{
    SearchWords words;
    BOOST_TEST(words.terms("good \xff\xfe bad") == (Terms{"bad", "good"}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
