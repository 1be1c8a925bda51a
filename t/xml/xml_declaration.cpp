// SPDX-License-Identifier: Apache-2.0
#include "xml/xml_declaration.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sarang {
namespace {

BOOST_AUTO_TEST_SUITE(xml_declaration)

BOOST_AUTO_TEST_CASE(good_declarations_are_measured)
{
    for (const std::string declaration : {
             "<?xml version='1.0'?>",
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
             "<?xml\n\tversion = '1.1'\r\nencoding='Utf-8' standalone='no' ?>",
             "<?xml version='1.0' standalone='yes'?>",
         }) {
        const auto whole = XmlDeclaration::read(declaration + "<a>");
        BOOST_TEST(whole.size == declaration.size());
        BOOST_TEST(!whole.error);
        for (std::size_t size = 0; size < declaration.size(); ++size) {
            BOOST_TEST(XmlDeclaration::read(declaration.substr(0, size)).incomplete);
        }
    }
}

BOOST_AUTO_TEST_CASE(anything_else_is_none)
{
    for (const std::string_view bytes : {"<a>", "<?xmlish ?>", "<?xml-stylesheet a?>", "abcdefg"}) {
        const auto none = XmlDeclaration::read(bytes);
        BOOST_TEST(none.size == 0);
        BOOST_TEST(!none.incomplete);
        BOOST_TEST(!none.error);
    }
}

BOOST_AUTO_TEST_CASE(bad_declarations_have_a_condition)
{
    const std::pair<std::string, StreamCondition> cases[] = {
        {"<?xml version='1.0' encoding='UTF-16'?>", StreamCondition::unsupported_encoding},
        {"<?xml version='1.0' encoding='UTF8'?>", StreamCondition::unsupported_encoding},
        {"<?xml version='1.0' encoding=''?>", StreamCondition::unsupported_encoding},
        {"<?xml version='2.0'?>", StreamCondition::not_well_formed},
        {"<?xml ?>", StreamCondition::not_well_formed},
        {"<?xml version=1.0?>", StreamCondition::not_well_formed},
        {"<?xml version='1.0\"?>", StreamCondition::not_well_formed},
        {"<?xml version='1.0'encoding='UTF-8'?>", StreamCondition::not_well_formed},
        {"<?xml version='1.0' standalone='maybe'?>", StreamCondition::not_well_formed},
        {"<?xml version='1.0' standalone='no' encoding='UTF-8'?>",
         StreamCondition::not_well_formed},
        {"<?xml version='1.0' else='1'?>", StreamCondition::not_well_formed},
        {"<?xml " + std::string(1000, ' '), StreamCondition::not_well_formed},
    };
    for (const auto& [bytes, condition] : cases) {
        BOOST_TEST((XmlDeclaration::read(bytes).error == condition), bytes);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
