// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/vcard.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang::muc {
namespace {

Result<std::vector<std::string>> hashes(const std::string& inside)
{
    return avatar_hashes(Element::read("<vCard xmlns='vcard-temp'>" + inside + "</vCard>").value());
}

std::string photo(const std::string& type, const std::string& picture)
{
    return "<PHOTO><TYPE>" + type + "</TYPE><BINVAL>" + picture + "</BINVAL></PHOTO>";
}

// The pictures of XEP-0486.
const std::string svg = photo(
    "image/svg+xml",
    "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIzMiIgaGVpZ2h0PSIzMiI+"
    "CiA8cmVjdCB4PSIwIiB5PSIwIiB3aWR0aD0iMzIiIGhlaWdodD0iMzIiIGZpbGw9InJlZCIvPgo8L3N2Zz4K");
const std::string png = photo(
    "image/png",
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAB3RJTUUH4ggVERoVAPsrMgAAAAlwSFlzAAALEgAACxIB"
    "0t1+/AAAABl0RVh0U29mdHdhcmUAd3d3Lmlua3NjYXBlLm9yZ5vuPBoAAAAEZ0FNQQAAsY8L/GEFAAAAIGNIUk0AAHom"
    "AACAhAAA+gAAAIDoAAB1MAAA6mAAADqYAAAXcJy6UTwAAAAGUExURf8AAP///0EdNBEAAAABYktHRAH/Ai3eAAAADElE"
    "QVQI12NgGNwAAACgAAFhJX1HAAAAAElFTkSuQmCC");

} // namespace

BOOST_AUTO_TEST_SUITE(muc_vcard)

BOOST_AUTO_TEST_CASE(each_format_of_the_avatar_has_a_hash)
{
    const auto both = hashes(svg + png);
    BOOST_REQUIRE(both.has_value());
    BOOST_REQUIRE(both->size() == 2U);
    BOOST_TEST(both->front() == "a31c4bd04de69663cfd7f424a8453f4674da37ff");
    BOOST_TEST(both->back() == "b9b256f999ded52c2fa14fb007c2e5b979450cbb");
}

BOOST_AUTO_TEST_CASE(a_card_may_have_no_avatar)
{
    BOOST_TEST(hashes("").value().empty());
    BOOST_TEST(hashes("<FN>The Garden</FN>").value().empty());
    BOOST_TEST(hashes("<PHOTO/>").value().empty());
    BOOST_TEST(hashes("<x xmlns='urn:other'>" + png + "</x>").value().empty());
}

BOOST_AUTO_TEST_CASE(base64_may_be_broken_into_lines)
{
    BOOST_TEST(
        (hashes(photo("image/png", "AAAA\n  AA==")).value() ==
         hashes(photo("image/png", "AAAAAA==")).value()));
}

BOOST_AUTO_TEST_CASE(what_is_no_picture_is_refused)
{
    const auto condition = [](const std::string& inside) {
        const auto refused = hashes(inside);
        BOOST_REQUIRE(!refused);
        return refused.error().condition;
    };
    BOOST_TEST((condition(photo("image/png", "")) == Condition::bad_request));
    BOOST_TEST((condition(photo("image/png", "AAA")) == Condition::bad_request));
    BOOST_TEST((condition(photo("image/png", "<b/>")) == Condition::bad_request));
    BOOST_TEST(
        (condition("<PHOTO><EXTVAL>http://x.example/y.png</EXTVAL></PHOTO>") ==
         Condition::bad_request));
    BOOST_TEST((condition(photo("text/html", "AAAA")) == Condition::not_acceptable));
    BOOST_TEST((condition("<PHOTO><BINVAL>AAAA</BINVAL></PHOTO>") == Condition::not_acceptable));
}

BOOST_AUTO_TEST_CASE(there_are_only_so_many_formats)
{
    std::string photos;
    for (std::size_t i = 0; i < most_photos; ++i) {
        photos += photo("image/png", "AAAA");
    }
    BOOST_TEST(hashes(photos).value().size() == most_photos);
    const auto refused = hashes(photos + png);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().condition == Condition::policy_violation));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
