// SPDX-License-Identifier: Apache-2.0
// Data forms: what was read of any element is a form that reads as itself, and no typed value of
// it is anything but of that type.

#include "core/data_form.h"

#include "core/date_time.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace sarang;

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

void check_values(const DataForm& form, const FormField& field)
{
    require(!field.var.empty() && form.find(field.var) == &field);
    require(form.texts(field.var) == field.values);
    const auto text = form.text(field.var);
    require(text.has_value() == (field.values.size() < 2));
    const auto jid = form.jid(field.var);
    require(!jid || !*jid || !(*jid)->empty());
    require(text.has_value() || (!jid && !form.boolean(field.var)));
    for (const std::string& value : field.values) {
        const auto time = parse_date_time(value);
        require(!time || parse_date_time(date_time(*time)) == time);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto element = Element::read({reinterpret_cast<const char*>(bytes), size});
    if (!element) {
        return 0;
    }
    const auto form = DataForm::read(*element);
    if (!form) {
        return 0;
    }
    require(form->fields().size() <= DataForm::max_fields);
    for (const FormField& field : form->fields()) {
        check_values(*form, field);
    }
    const auto again = DataForm::read(form->element());
    require(again.has_value());
    require(again->type() == form->type() && again->form_type() == form->form_type());
    require(again->fields() == form->fields());
    return 0;
}
