// SPDX-License-Identifier: Apache-2.0
// The configuration of a room as an operator sees it: the fields of its form by short names.
#include "core/data_form.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "modules/muc/config_form.h"
#include "modules/muc/orders.h"
#include "modules/muc/owning.h"

namespace sarang::muc {
namespace {

DataForm form_of(const Room& room)
{
    const RoomStaff staff{
        room.affiliations.list(Affiliation::owner), room.affiliations.list(Affiliation::admin)};
    return config_form(room.config, staff);
}

std::vector<std::string> texts_of(const Json& order, std::string_view name)
{
    std::vector<std::string> texts;
    const Json* const list = order.find(name);
    if (list != nullptr && list->elements() != nullptr) {
        for (const Json& one : *list->elements()) {
            texts.push_back(one.string() != nullptr ? *one.string() : std::string{});
        }
    }
    return texts;
}

// As an operator writes it: without what all names of fields begin with.
std::string_view short_name(std::string_view var)
{
    for (const std::string_view prefix : {"muc#roomconfig_", "muc#", "{urn:sarang:muc:0}"}) {
        if (var.starts_with(prefix)) {
            return var.substr(prefix.size());
        }
    }
    return var;
}

// "NAME=VALUE"; a name that comes again adds a value.
Result<void> fill(DataForm& form, std::vector<FormField>& fields, std::string_view setting)
{
    const std::size_t sign = setting.find('=');
    const std::string_view var = setting.substr(0, sign);
    const auto known = std::ranges::find_if(form.fields(), [&](const FormField& one) {
        return one.var == var || short_name(one.var) == var;
    });
    if (sign == setting.npos || known == form.fields().end()) {
        return fail(Condition::bad_request, "There is no setting " + std::string{setting});
    }
    auto field = std::ranges::find(fields, known->var, &FormField::var);
    if (field == fields.end()) {
        fields.push_back({known->type, known->var});
        field = std::prev(fields.end());
    }
    if (sign + 1 < setting.size()) {
        field->values.emplace_back(setting.substr(sign + 1));
    }
    return {};
}

} // namespace

Task<Result<Json>> list_settings(Room& room, Json)
{
    Json rows = Json::array();
    const DataForm form = form_of(room);
    for (const FormField& field : form.fields()) {
        Json values = Json::array();
        for (const std::string& value : field.values) {
            values.add(value);
        }
        if (field.type != "text-private") {
            Json row;
            row.set("setting", short_name(field.var)).set("value", std::move(values));
            rows.add(std::move(row));
        }
    }
    co_return rows;
}

Task<Result<Json>> change_settings(Room& room, Json order)
{
    DataForm known = form_of(room);
    std::vector<FormField> fields;
    for (const std::string& setting : texts_of(order, "settings")) {
        co_await ok(fill(known, fields, setting));
    }
    DataForm form{"submit", std::string{room_config_form}};
    for (FormField& field : fields) {
        form.add(std::move(field));
    }
    co_await ok(configure(room, form));
    Json result;
    result.set("room", room.jid.str());
    co_return result;
}

} // namespace sarang::muc
