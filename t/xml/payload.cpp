// SPDX-License-Identifier: Apache-2.0
#include "xml/payload.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(payload)

BOOST_AUTO_TEST_CASE(a_payload_made_of_elements_holds_them)
{
    const std::vector<Element> elements{
        Element{ns::client, "body"}.text("a<b"),
        Element{"urn:x", "x"}.set("y", "1"),
        Element{"", "none"},
    };
    const auto payload = Payload::make(elements);
    BOOST_TEST(payload->bytes() == "<body>a&lt;b</body><x xmlns='urn:x' y='1'/><none xmlns=''/>");
    BOOST_TEST(payload->size() == 3);
    for (std::size_t i = 0; i < elements.size(); ++i) {
        BOOST_TEST((payload->element(i) == elements[i]));
    }
    BOOST_TEST(payload->child(0).ns.empty());
    BOOST_TEST(payload->child(1).ns == "urn:x");
    BOOST_TEST(payload->child(2).ns == Payload::no_namespace);
    BOOST_TEST((payload->element("urn:x", "x") == elements[1]));
    BOOST_TEST((payload->element(ns::client, "body") == elements[0]));
    BOOST_TEST(!payload->element("", "none").has_value());
}

BOOST_AUTO_TEST_CASE(the_first_child_at_or_after_a_place_is_found)
{
    const std::vector<Element> elements(3, Element{"urn:x", "x"});
    const auto payload = Payload::make(elements);
    BOOST_TEST((payload->find("urn:x", "x") == 0));
    BOOST_TEST((payload->find("urn:x", "x", 1) == 1));
    BOOST_TEST(!payload->find("urn:x", "x", 3).has_value());
    BOOST_TEST(!payload->has("urn:x", "y"));
    BOOST_TEST(!payload->has("urn:y", "x"));
}

BOOST_AUTO_TEST_CASE(names_that_are_not_in_the_bytes_are_kept_beside_them)
{
    const std::string_view bytes = "<x xmlns='a&amp;b'/>";
    Ref<Payload> payload;
    {
        const std::string ns = "a&b";
        const std::string name = "x";
        const Payload::ChildSpan child{0, bytes.size(), ns, name};
        payload = Payload::make(bytes, {&child, 1});
    }
    BOOST_TEST(payload->bytes() == bytes);
    BOOST_TEST(payload->child(0).ns == "a&b");
    BOOST_TEST(payload->child(0).name == "x");
}

BOOST_AUTO_TEST_CASE(a_payload_may_be_empty)
{
    const auto payload = Payload::make(std::span<const Element>{});
    BOOST_TEST(payload->bytes().empty());
    BOOST_TEST(payload->size() == 0);
    BOOST_TEST(!payload->has("", "body"));
}

BOOST_AUTO_TEST_CASE(copies_share_one_block)
{
    const auto payload = Payload::make(Element{"urn:x", "x"});
    const Ref<Payload> copy = payload;
    BOOST_TEST((copy->bytes().data() == payload->bytes().data()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
