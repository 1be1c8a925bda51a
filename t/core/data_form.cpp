// SPDX-License-Identifier: Apache-2.0
#include "core/data_form.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sarang {
namespace {

Result<DataForm> read(const std::string& inside, const std::string& type = "submit")
{
    return DataForm::read(
        Element::read("<x xmlns='jabber:x:data' type='" + type + "'>" + inside + "</x>").value());
}

DataForm of_values(const std::string& values)
{
    return read("<field var='f'>" + values + "</field>").value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_form)

BOOST_AUTO_TEST_CASE(a_submitted_form_has_the_values_that_were_filled_in)
{
    const DataForm form =
        read("<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
             "<field var='with'><value>Juliet@capulet.lit/balcony</value></field>"
             "<field var='ids'><value>1</value><value>2</value></field>"
             "<field var='empty'/>"
             "<unknown/>")
            .value();
    BOOST_TEST(form.type() == "submit");
    BOOST_TEST(form.form_type() == "urn:xmpp:mam:2");
    BOOST_TEST(form.fields().size() == 3U);
    BOOST_TEST(form.jid("with").value().value().str() == "juliet@capulet.lit/balcony");
    BOOST_TEST(form.text("with").value().value() == "Juliet@capulet.lit/balcony");
    BOOST_TEST((form.texts("ids") == std::vector<std::string>{"1", "2"}));
    BOOST_TEST((form.text("empty").value() == std::nullopt));
    BOOST_TEST((form.text("none").value() == std::nullopt));
    BOOST_TEST(form.texts("none").empty());
}

BOOST_AUTO_TEST_CASE(a_boolean_has_two_spellings_and_no_others)
{
    for (const auto& [text, value] :
         {std::pair{"true", true}, {"1", true}, {"false", false}, {"0", false}}) {
        const DataForm form = of_values("<value>" + std::string{text} + "</value>");
        BOOST_TEST(form.boolean("f").value().value() == value, text);
    }
    for (const char* const text : {"", "yes", "TRUE", "2"}) {
        const DataForm form = of_values("<value>" + std::string{text} + "</value>");
        BOOST_TEST(!form.boolean("f"), text);
    }
    BOOST_TEST((of_values("").boolean("f").value() == std::nullopt));
}

BOOST_AUTO_TEST_CASE(several_values_are_not_one)
{
    const DataForm form = of_values("<value>1</value><value>1</value>");
    BOOST_TEST((form.text("f").error().condition == Condition::bad_request));
    BOOST_TEST(!form.boolean("f"));
    BOOST_TEST(!form.jid("f"));
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused)
{
    BOOST_TEST(!of_values("<value>@</value>").jid("f"));
    BOOST_TEST(!of_values("<value></value>").jid("f"));
}

BOOST_AUTO_TEST_CASE(what_is_no_form_is_refused)
{
    BOOST_TEST(!DataForm::read(Element{"jabber:x:data", "x"}));
    BOOST_TEST(!DataForm::read(Element{"urn:xmpp:mam:2", "x"}.set("type", "submit")));
    BOOST_TEST(!read("", "unknown"));
    BOOST_TEST(!read("<field><value>1</value></field>"));
    BOOST_TEST(!read("<field var='a'/><field var='a'/>"));
    std::string many;
    for (std::size_t i = 0; i <= DataForm::max_fields; ++i) {
        many += "<field var='f" + std::to_string(i) + "'/>";
    }
    BOOST_TEST(!read(many));
}

BOOST_AUTO_TEST_CASE(a_form_to_be_filled_in_reads_as_it_was_made)
{
    DataForm form{"form", "urn:xmpp:mam:2"};
    form.title("A & B").add({"jid-single", "with"});
    form.add({"list-multi", "ids", {}, {}, {}, true});
    form.add({"list-single", "whois", "Who", {"anyone"}, {{"All", "anyone"}, {"", "nobody"}}});
    const Element element = form.element();
    BOOST_TEST(
        element.str() ==
        "<x xmlns='jabber:x:data' type='form'><title>A &amp; B</title>"
        "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
        "<field type='jid-single' var='with'/>"
        "<field type='list-multi' var='ids'>"
        "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/>"
        "</validate></field>"
        "<field type='list-single' var='whois' label='Who'><value>anyone</value>"
        "<option label='All'><value>anyone</value></option>"
        "<option><value>nobody</value></option></field></x>");
    const DataForm again = DataForm::read(element).value();
    BOOST_TEST(again.form_type() == "urn:xmpp:mam:2");
    BOOST_TEST((again.fields() == form.fields()));
}

BOOST_AUTO_TEST_CASE(a_field_says_which_numbers_it_takes)
{
    DataForm form{"form", {}};
    form.add({"text-single", "n", {}, {"5"}, {}, false, std::pair{0, 60}});
    BOOST_TEST(
        form.element().str() ==
        "<x xmlns='jabber:x:data' type='form'><field type='text-single' var='n'><value>5</value>"
        "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:integer'>"
        "<range min='0' max='60'/></validate></field></x>");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
