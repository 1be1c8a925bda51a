// SPDX-License-Identifier: Apache-2.0
#include "xml/jid.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <unordered_set>

using namespace std::string_literals;

namespace sarang {
namespace {

std::string repeat(std::string_view text, std::size_t count)
{
    std::string all;
    while (count-- != 0) {
        all += text;
    }
    return all;
}

struct Good {
    std::string text;
    std::string local;
    std::string domain;
    std::string resource;
};

const Good good[] = {
    {"example.com", "", "example.com", ""},
    {"juliet@example.com", "juliet", "example.com", ""},
    {"juliet@example.com/balcony", "juliet", "example.com", "balcony"},
    {"example.com/balcony", "", "example.com", "balcony"},
    {"JULIET@EXAMPLE.COM/Balcony", "juliet", "example.com", "Balcony"},
    {"a@b/c@d/e", "a", "b", "c@d/e"},
    {"a@b//", "a", "b", "/"},
    {"a@b/ ", "a", "b", " "},
    {"a@b/<&'\">", "a", "b", "<&'\">"},
    {"b/a@b", "", "b", "a@b"},
    {"a@example.com.", "a", "example.com", ""},
    {"a@EXAMPLE.COM./x", "a", "example.com", "x"},
    {"a@localhost", "a", "localhost", ""},
    {"a@192.0.2.1", "a", "192.0.2.1", ""},
    {"a@[2001:DB8::1]/x", "a", "[2001:db8::1]", "x"},
    {"a@my_host.example", "a", "my_host.example", ""},
    {"a@xn--mnchen-3ya.de", "a", "xn--mnchen-3ya.de", ""},
    {"!#$%()*+,-.;=?[\\]^_`{|}~@a", "!#$%()*+,-.;=?[\\]^_`{|}~", "a", ""},
    // Beyond ASCII:
    {"안녕@예제.한국/여보세요", "안녕", "예제.한국", "여보세요"},
    {"🎈@example.com/🎈", "🎈", "example.com", "🎈"},
    {"room@muc.example.com/🎈 nick 👩‍👩‍👧", "room", "muc.example.com", "🎈 nick 👩👩👧"},
    {"Ｊｕｌｉｅｔ@example.com", "juliet", "example.com", ""},
    {"a@ＥＸＡＭＰＬＥ．ｃｏｍ", "a", "example.com", ""},
    {"a@예제。한국", "a", "예제.한국", ""},
    {"a@예제｡한국．", "a", "예제.한국", ""},
    {"ÉCOLE@example.com/École", "école", "example.com", "École"},
    {"e\u0301cole@example.com/e\u0301", "école", "example.com", "é"},
    {"Straße@Straße.de/Straße", "strasse", "strasse.de", "Straße"},
    {"İ@example.com", "i\u0307", "example.com", ""},
    {"ΣΊΣΥΦΟΣ@example.com", "σίσυφοσ", "example.com", ""},
    {"ﬀ@example.com/ﬀ", "ff", "example.com", "ff"},
    {"ju\u00ADliet@exam\u00ADple.com/bal\u00ADcony", "juliet", "example.com", "balcony"},
    {"ju\u200Dliet@example.com/bal\u200Dcony", "juliet", "example.com", "balcony"},
    {"ju\u200Bliet@example.com", "juliet", "example.com", ""},
    {"שלום@example.com/مرحبا", "שלום", "example.com", "مرحبا"},
    {"a@b/Ⅳ ½", "a", "b", "IV 1⁄2"},
    {"a@b/ﷺ", "a", "b", "صلى الله عليه وسلم"},
    // At the limit:
    {repeat("a", 1023) + "@" + repeat("b", 1023) + "/" + repeat("c", 1023),
     repeat("a", 1023),
     repeat("b", 1023),
     repeat("c", 1023)},
    {repeat("한", 341) + "@b/" + repeat("🎈", 255) + "abc",
     repeat("한", 341),
     "b",
     repeat("🎈", 255) + "abc"},
    {repeat("ａ", 341) + "@b", repeat("a", 341), "b", ""},
};

const std::string bad[] = {
    "",
    "@",
    "/",
    "@/",
    "@example.com",
    "juliet@",
    "juliet@/balcony",
    "/balcony",
    "example.com/",
    "juliet@example.com/",
    "a@b@c",
    "a@@c",
    "a b@example.com",
    " a@example.com",
    "a\"@example.com",
    "a&@example.com",
    "a'@example.com",
    "a:b@example.com",
    "<a@example.com",
    "a>@example.com",
    "a\x7F@example.com",
    "a\t@example.com",
    "a\0@example.com"s,
    "a@example.com/\0"s,
    "a@example.com/a\nb",
    "a@example.com/\x7F",
    "a@exam ple.com",
    "a@example..com",
    "a@.example.com",
    "a@example.com..",
    "a@.",
    "a@-example.com",
    "a@example-.com",
    "a@exam!ple.com",
    "a@example.com:5222",
    "a@[::1",
    "a@::1",
    "a@[]",
    "a@[1.2.3.4]",
    "a@[::1%eth0]",
    "a@[::g]",
    // What becomes something forbidden:
    "a＠b@example.com",
    "a／b@example.com",
    "a：@example.com",
    "a＆@example.com",
    "a\u3000b@example.com",
    "a\u00A0@example.com",
    "℀@example.com", // a/c
    "\u00AD@example.com",
    "a@\u00AD",
    "a@\u3002",
    "a@b\u3002\u3002c",
    "a@b／c",
    "a@℀",
    "a@b/\u200D",
    "a@b/\u0085",
    "a@b/\u2028",
    "a@b/\uFFFE",
    "a@b/\uE000",
    "a@b/\uFFFD",
    "a@b/\U000E0041",
    // Left to right mixed with right to left (RFC 3454 §6):
    "שalom@example.com",
    "שלום1@example.com",
    "a@b/1مرحبا",
    "a@b/مa",
    // Not UTF-8:
    "a\xFF@example.com",
    "a@ex\xC3mple.com",
    "a@b/\xED\xA0\x80",
    "a@b/\xC0\xAF",
    "a@b/\xF4\x90\x80\x80",
    "a@b/\xE2\x82",
    // Beyond the limit:
    repeat("a", 1024) + "@b",
    "a@" + repeat("b", 1024),
    "a@b/" + repeat("c", 1024),
    repeat("한", 341) + "a@b",
    "a@b/" + repeat("🎈", 256),
    "a@b/" + repeat("ﷺ", 40), // 33 bytes each, once compatible
    repeat("ŉ", 400) + "@b",  // grows when folded
    repeat("ａ", 342) + "@b",
};

BOOST_AUTO_TEST_SUITE(jid)

BOOST_AUTO_TEST_CASE(good_addresses_are_taken_apart_and_normalised)
{
    for (const Good& each : good) {
        BOOST_TEST_CONTEXT(each.text)
        {
            const auto made = Jid::parse(each.text);
            BOOST_REQUIRE(made.has_value());
            BOOST_TEST(made->local() == each.local);
            BOOST_TEST(made->domain() == each.domain);
            BOOST_TEST(made->resource() == each.resource);
            const std::string bare =
                each.local.empty() ? each.domain : each.local + "@" + each.domain;
            BOOST_TEST(made->bare_str() == bare);
            BOOST_TEST(made->str() == (each.resource.empty() ? bare : bare + "/" + each.resource));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_normalised_address_reads_as_itself)
{
    for (const Good& each : good) {
        const auto once = Jid::parse(each.text);
        BOOST_REQUIRE(once.has_value());
        const auto twice = Jid::parse(once->str());
        BOOST_REQUIRE(twice.has_value());
        BOOST_TEST((*twice == *once));
        BOOST_TEST(twice->hash() == once->hash());
    }
}

BOOST_AUTO_TEST_CASE(bad_addresses_are_malformed)
{
    for (const std::string& text : bad) {
        const auto made = Jid::parse(text);
        BOOST_TEST(!made.has_value(), text);
        BOOST_TEST((made || made.error().condition == Condition::jid_malformed));
    }
}

BOOST_AUTO_TEST_CASE(parts_make_the_address_that_their_text_makes)
{
    const auto made = Jid::make("Juliet", "EXAMPLE.com", "Balcony");
    BOOST_REQUIRE(made.has_value());
    BOOST_TEST((*made == Jid::parse("juliet@example.com/Balcony").value()));
    BOOST_TEST(Jid::make("", "example.com")->str() == "example.com");
    BOOST_TEST(!Jid::make("a", "").has_value());
    BOOST_TEST(!Jid::make("a@b", "c").has_value());
    BOOST_TEST(!Jid::make("a", "b/c").has_value());
    BOOST_TEST(!Jid::make("a", "b@c").has_value());
}

BOOST_AUTO_TEST_CASE(the_empty_address_is_none)
{
    const Jid none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.str().empty());
    BOOST_TEST(none.domain().empty());
    BOOST_TEST(none.bare().empty());
    BOOST_TEST(none.host().empty());
    BOOST_TEST(!none.with_resource("a").has_value());
    BOOST_TEST((none == Jid{}));
    BOOST_TEST((none != Jid::parse("a").value()));
}

BOOST_AUTO_TEST_CASE(an_address_gives_its_bare_form_its_host_and_other_resources)
{
    const Jid full = Jid::parse("a@b/c").value();
    BOOST_TEST(full.bare().str() == "a@b");
    BOOST_TEST(full.host().str() == "b");
    BOOST_TEST(full.host().is_domain());
    BOOST_TEST(!full.is_bare());
    BOOST_TEST(full.bare().is_bare());
    BOOST_TEST(full.same_bare(full.bare()));
    BOOST_TEST(!full.same_bare(full.host()));
    BOOST_TEST(full.with_resource("d")->str() == "a@b/d");
    BOOST_TEST(full.host().with_resource("d")->str() == "b/d");
    BOOST_TEST(!full.with_resource("").has_value());
    BOOST_TEST(!full.with_resource("\x01").has_value());
}

BOOST_AUTO_TEST_CASE(addresses_are_ordered_by_their_text)
{
    BOOST_TEST((Jid::parse("a@b").value() < Jid::parse("a@b/c").value()));
    BOOST_TEST((Jid::parse("a@b").value() < Jid::parse("b@a").value()));
}

BOOST_AUTO_TEST_CASE(hashes_differ_where_addresses_differ)
{
    std::unordered_set<std::size_t> hashes;
    std::unordered_set<std::size_t> slots;
    for (int i = 0; i < 4096; ++i) {
        const Jid jid = Jid::parse("user" + std::to_string(i) + "@example.com").value();
        hashes.insert(jid.hash());
        slots.insert(jid.hash() % 4096);
    }
    BOOST_TEST(hashes.size() == 4096);
    // Thrown at random, about 63 % would be hit.
    BOOST_TEST(slots.size() > 2400);
}

BOOST_AUTO_TEST_CASE(the_cache_gives_what_parsing_gives)
{
    JidCache cache;
    for (int round = 0; round < 3; ++round) {
        for (const Good& each : good) {
            const auto cached = cache.parse(each.text);
            BOOST_REQUIRE(cached.has_value());
            BOOST_TEST((*cached == Jid::parse(each.text).value()));
        }
        for (const std::string& text : bad) {
            BOOST_TEST(!cache.parse(text).has_value(), text);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_cache_stores_an_address_once)
{
    JidCache cache;
    const Jid first = cache.parse("a@b/c").value();
    const Jid second = cache.parse("a@b/c").value();
    const Jid other = cache.parse("A@B/c").value();
    BOOST_TEST((first.str().data() == second.str().data()));
    BOOST_TEST((first.str().data() == other.str().data()));
}

BOOST_AUTO_TEST_CASE(two_addresses_that_share_a_place_in_the_cache_are_both_kept)
{
    constexpr std::size_t places = 4096; // a multiple of what the cache has
    const Jid one = Jid::parse("juliet@example.com").value();
    std::string other;
    for (int i = 0; other.empty(); ++i) {
        const std::string text = "user" + std::to_string(i) + "@example.com";
        if (Jid::parse(text)->hash() % places == one.hash() % places) {
            other = text;
        }
    }
    JidCache cache;
    const Jid first = cache.parse(one.str()).value();
    const Jid second = cache.parse(other).value();
    BOOST_TEST((cache.parse(one.str())->str().data() == first.str().data()));
    BOOST_TEST((cache.parse(other)->str().data() == second.str().data()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
