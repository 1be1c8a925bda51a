// SPDX-License-Identifier: Apache-2.0
#include "core/data_form.h"

#include <algorithm>
#include <array>

namespace sarang {
namespace {

constexpr std::string_view form_type_var = "FORM_TYPE";
constexpr std::string_view validate_ns = "http://jabber.org/protocol/xdata-validate";

constexpr std::array<std::string_view, 4> form_types{"form", "submit", "cancel", "result"};

std::string text_of(const Element& parent, std::string_view name)
{
    const Element* const child = parent.child(data_form_ns, name);
    return child != nullptr ? child->text() : std::string{};
}

FormField field_of(const Element& element)
{
    FormField field{std::string{element.attribute("type")}, std::string{element.attribute("var")}};
    field.label = element.attribute("label");
    for (const Element* child : element.children()) {
        if (child->is(data_form_ns, "value")) {
            field.values.push_back(child->text());
        } else if (child->is(data_form_ns, "option")) {
            field.choices.push_back(
                {std::string{child->attribute("label")}, text_of(*child, "value")});
        } else if (child->is(validate_ns, "validate")) {
            field.open = child->child(validate_ns, "open") != nullptr;
        }
    }
    return field;
}

void add_field(Element& form, const FormField& field)
{
    Element& element = form.add("field");
    for (const auto& [name, value] :
         {std::pair{"type", field.type}, {"var", field.var}, {"label", field.label}}) {
        if (!value.empty()) {
            element.set(name, value);
        }
    }
    for (const std::string& value : field.values) {
        element.add("value").text(value);
    }
    for (const FormField::Choice& choice : field.choices) {
        Element& option = element.add("option");
        if (!choice.label.empty()) {
            option.set("label", choice.label);
        }
        option.add("value").text(choice.value);
    }
    if (field.open) {
        element.add(validate_ns, "validate").set("datatype", "xs:string").add("open");
    }
    if (field.range) {
        Element& validate = element.add(validate_ns, "validate").set("datatype", "xs:integer");
        validate.add("range")
            .set("min", std::to_string(field.range->first))
            .set("max", std::to_string(field.range->second));
    }
}

} // namespace

Result<DataForm> DataForm::read(const Element& x)
{
    const std::string_view type = x.attribute("type");
    if (!x.is(data_form_ns, "x") || std::ranges::find(form_types, type) == form_types.end()) {
        return fail(Condition::bad_request, "No data form");
    }
    DataForm form{std::string{type}, {}};
    form.title_ = text_of(x, "title");
    for (const Element* child : x.children()) {
        if (!child->is(data_form_ns, "field")) {
            continue;
        }
        FormField field = field_of(*child);
        if (field.var == form_type_var) {
            form.form_type_ = field.values.empty() ? std::string{} : field.values.front();
            continue;
        }
        if (field.var.empty() && type != "submit") {
            continue; // a "fixed" one is for people
        }
        if (field.var.empty() || form.find(field.var) != nullptr) {
            return fail(Condition::bad_request, "A field without a name of its own");
        }
        if (form.fields_.size() == max_fields) {
            return fail(Condition::bad_request, "Too many fields");
        }
        form.fields_.push_back(std::move(field));
    }
    return form;
}

const FormField* DataForm::find(std::string_view var) const
{
    const auto found = std::ranges::find(fields_, var, &FormField::var);
    return found == fields_.end() ? nullptr : &*found;
}

Result<std::optional<std::string>> DataForm::text(std::string_view var) const
{
    const FormField* const field = find(var);
    if (field == nullptr || field->values.empty()) {
        return std::optional<std::string>{};
    }
    if (field->values.size() > 1) {
        return fail(Condition::bad_request, "Several values of " + std::string{var});
    }
    return std::optional{field->values.front()};
}

Result<std::optional<bool>> DataForm::boolean(std::string_view var) const
{
    auto value = text(var);
    if (!value) {
        return std::move(value).failure();
    }
    if (!*value) {
        return std::optional<bool>{};
    }
    const bool yes = **value == "true" || **value == "1";
    if (!yes && **value != "false" && **value != "0") {
        return fail(Condition::bad_request, "Neither true nor false: " + std::string{var});
    }
    return std::optional{yes};
}

Result<std::optional<Jid>> DataForm::jid(std::string_view var) const
{
    auto value = text(var);
    if (!value) {
        return std::move(value).failure();
    }
    if (!*value) {
        return std::optional<Jid>{};
    }
    const Result<Jid> jid = Jid::parse(**value);
    if (!jid) {
        return fail(Condition::bad_request, "No address: " + std::string{var});
    }
    return std::optional{*jid};
}

std::vector<std::string> DataForm::texts(std::string_view var) const
{
    const FormField* const field = find(var);
    return field != nullptr ? field->values : std::vector<std::string>{};
}

DataForm& DataForm::title(std::string text)
{
    title_ = std::move(text);
    return *this;
}

DataForm& DataForm::add(FormField field)
{
    fields_.push_back(std::move(field));
    return *this;
}

Element DataForm::element() const
{
    Element x{data_form_ns, "x"};
    x.set("type", type_);
    if (!title_.empty()) {
        x.add("title").text(title_);
    }
    if (!form_type_.empty()) {
        add_field(x, FormField{"hidden", std::string{form_type_var}, {}, {form_type_}, {}, false});
    }
    for (const FormField& field : fields_) {
        add_field(x, field);
    }
    return x;
}

} // namespace sarang
