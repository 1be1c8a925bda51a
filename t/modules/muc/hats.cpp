// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/hats.h"

#include "xml/element.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

const Jid terry = Jid::parse("terry.anderson@example.edu").value();
const Jid harry = Jid::parse("harry@example.edu").value();

const Hat host{"http://schemas.example.com/hats#host", "Host", "327.255249", "en-us"};
const Hat presenter{"http://schemas.example.com/hats#presenter", "Presenter", "", ""};

Hats two_hats()
{
    Hats hats;
    hats.put(host);
    hats.put(presenter);
    return hats;
}

std::string bytes_of(const Hats& hats)
{
    BytesWriter out;
    hats.write(out);
    return out.take();
}

Hat with(std::string uri, std::string title, std::string hue)
{
    return {std::move(uri), std::move(title), std::move(hue), {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_hats)

BOOST_AUTO_TEST_CASE(a_hat_has_a_uri_and_a_title_and_may_have_a_hue)
{
    const std::array good{
        with("http://tech.example.edu/hats#Teacher", "Teacher", ""),
        with("urn:hats:1", "선생님", "0"),
        with("x:y", "X", "359.999"),
    };
    for (const Hat& hat : good) {
        BOOST_TEST(check(hat).has_value(), hat.uri);
    }
    const std::array bad{
        with("", "Teacher", ""),
        with("Teacher", "Teacher", ""),
        with("1:teacher", "Teacher", ""),
        with("urn:", "Teacher", ""),
        with("urn:a b", "Teacher", ""),
        with("urn:<b>", "Teacher", ""),
        with("urn:" + std::string(600, 'x'), "Teacher", ""),
        with("urn:x", "", ""),
        with("urn:x", "  ", ""),
        with("urn:x", std::string(200, 'x'), ""),
        with("urn:x", "Teacher", "360"),
        with("urn:x", "Teacher", "-1"),
        with("urn:x", "Teacher", "red"),
        with("urn:x", "Teacher", "1e1"),
        with("urn:x", "Teacher", "nan"),
        with("urn:x", "Teacher", "1.2.3"),
        with("urn:x", "Teacher", "5."),
    };
    for (const Hat& hat : bad) {
        BOOST_TEST(!check(hat), hat.uri + ' ' + hat.title + ' ' + hat.hue);
    }
}

BOOST_AUTO_TEST_CASE(a_hat_of_the_same_uri_is_the_same_hat)
{
    Hats hats = two_hats();
    Hat other = host;
    other.title = "Hostess";
    hats.put(other);
    BOOST_TEST(hats.all().size() == 2U);
    BOOST_TEST(hats.all().front().title == "Hostess");
}

BOOST_AUTO_TEST_CASE(several_are_worn_by_one_and_one_by_several)
{
    Hats hats = two_hats();
    BOOST_TEST(hats.assign(terry, host.uri));
    BOOST_TEST(!hats.assign(terry, host.uri));
    BOOST_TEST(hats.assign(terry, presenter.uri));
    BOOST_TEST(hats.assign(harry, presenter.uri));
    BOOST_TEST(hats.assigned() == 3U);
    BOOST_TEST(hats.worn_by(Jid::parse("terry.anderson@example.edu/office").value()).size() == 2U);
    BOOST_TEST((hats.wearers(presenter.uri) == std::vector{harry, terry}));
}

BOOST_AUTO_TEST_CASE(a_hat_that_is_taken_is_not_worn)
{
    Hats hats = two_hats();
    hats.assign(terry, host.uri);
    BOOST_TEST(!hats.unassign(harry, host.uri));
    BOOST_TEST(!hats.unassign(terry, presenter.uri));
    BOOST_TEST(hats.unassign(terry, host.uri));
    BOOST_TEST(hats.worn_by(terry).empty());
    BOOST_TEST(hats.assignments().empty());
}

BOOST_AUTO_TEST_CASE(nobody_wears_a_hat_that_is_no_more)
{
    Hats hats = two_hats();
    hats.assign(terry, host.uri);
    hats.assign(terry, presenter.uri);
    BOOST_TEST(hats.remove(host.uri));
    BOOST_TEST(!hats.remove(host.uri));
    BOOST_TEST(hats.worn_by(terry).size() == 1U);
    BOOST_TEST(hats.assigned() == 1U);
}

BOOST_AUTO_TEST_CASE(hats_are_shown_in_presence)
{
    Hats hats = two_hats();
    BOOST_TEST(hats.xml_of(terry).empty());
    hats.assign(terry, host.uri);
    hats.assign(terry, presenter.uri);
    const Element shown = Element::read(hats.xml_of(terry)).value();
    BOOST_TEST(shown.is(hats_ns, "hats"));
    BOOST_REQUIRE(shown.children().size() == 2U);
    const Element& first = *shown.children().front();
    BOOST_TEST(first.attribute("title") == "Host");
    BOOST_TEST(first.attribute("uri") == host.uri);
    BOOST_TEST(first.attribute("hue") == "327.255249");
    BOOST_TEST(first.attribute(ns::xml, "lang") == "en-us");
    BOOST_TEST(!shown.children().back()->has("hue"));
}

BOOST_AUTO_TEST_CASE(the_hash_is_another_for_another_list)
{
    BOOST_TEST(Hats{}.hash().empty());
    Hats hats = two_hats();
    const std::string hash = hats.hash();
    BOOST_TEST(hash.size() == 40U);
    hats.assign(terry, host.uri);
    BOOST_TEST(hats.hash() == hash);
    Hat other = host;
    other.hue = "1";
    hats.put(other);
    BOOST_TEST(hats.hash() != hash);
    hats.put(host);
    BOOST_TEST(hats.hash() == hash);
    hats.remove(presenter.uri);
    BOOST_TEST(hats.hash() != hash);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_read_again)
{
    Hats hats = two_hats();
    hats.assign(terry, presenter.uri);
    hats.assign(terry, host.uri);
    hats.assign(harry, host.uri);
    const std::string bytes = bytes_of(hats);
    BytesReader in{bytes};
    Hats other;
    BOOST_TEST(other.read(in));
    BOOST_TEST(in.complete());
    BOOST_TEST((other.all() == hats.all()));
    BOOST_TEST((other.assignments() == hats.assignments()));
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_no_hats)
{
    Hats hats = two_hats();
    hats.assign(terry, host.uri);
    const std::string bytes = bytes_of(hats);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BytesReader in{std::string_view{bytes}.substr(0, size)};
        BOOST_TEST(!Hats{}.read(in), size);
    }
    BytesWriter out;
    out.varint(0).varint(1).string(terry.str()).varint(1).string("urn:nothing");
    const std::string unknown = out.take();
    BytesReader in{unknown};
    BOOST_TEST(!Hats{}.read(in));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
