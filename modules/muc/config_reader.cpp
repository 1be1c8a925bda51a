// SPDX-License-Identifier: Apache-2.0
// What an owner has filled in.

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "modules/muc/config_fields.h"
#include "modules/muc/config_form.h"
#include "modules/muc/field_values.h"

namespace sarang::muc {
namespace {

bool is_language(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}

Result<void> read_texts(const DataForm& form, RoomConfigChange& change, const ConfigLimits& limits)
{
    for (const TextField& of : text_fields) {
        auto read = text_of(form, of.var, limits.*of.limit);
        if (!read) {
            return std::move(read).failure();
        }
        if (*read && of.member == &RoomConfig::language && !is_language(**read)) {
            return refuse(of.var, "a language such as ko or en-GB");
        }
        if (*read) {
            change.config.*of.member = **read;
        }
    }
    return {};
}

Result<void> read_flags(const DataForm& form, RoomConfigChange& change, const ConfigLimits&)
{
    for (const BoolField& of : bool_fields) {
        auto read = flag_of(form, of.var);
        if (!read) {
            return std::move(read).failure();
        }
        change.config.*of.member = read->value_or(change.config.*of.member);
    }
    return {};
}

Result<void>
read_numbers(const DataForm& form, RoomConfigChange& change, const ConfigLimits& limits)
{
    for (const NumberField& of : number_fields) {
        auto read = value_of(form, of.var);
        if (!read) {
            return std::move(read).failure();
        }
        if (!*read) {
            continue;
        }
        const auto number_read = number_of(**read, limits.*of.limit);
        if (!number_read) {
            return refuse(of.var, "a number from 0 to " + std::to_string(limits.*of.limit));
        }
        change.config.*of.member = *number_read;
    }
    return {};
}

Result<void>
read_max_users(const DataForm& form, RoomConfigChange& change, const ConfigLimits& limits)
{
    auto read = value_of(form, max_users_field);
    if (!read) {
        return std::move(read).failure();
    }
    if (!*read) {
        return {};
    }
    const auto users = **read == "none" ? std::optional{0U} : number_of(**read, limits.users);
    if (!users) {
        return refuse(max_users_field, "none, or at most " + std::to_string(limits.users));
    }
    change.config.max_users = *users;
    return {};
}

Result<void> read_choices(const DataForm& form, RoomConfigChange& change, const ConfigLimits&)
{
    auto whois = value_of(form, whois_field);
    auto pm = value_of(form, allow_pm_field);
    if (!whois || !pm) {
        return std::move(whois ? pm : whois).failure();
    }
    if (*whois && *whois != "anyone" && *whois != "moderators") {
        return refuse(whois_field, "moderators or anyone");
    }
    if (*whois) {
        change.config.non_anonymous = *whois == "anyone";
    }
    const auto chosen = std::ranges::find(allow_pm_names, pm->value_or("anyone"));
    if (chosen == allow_pm_names.end()) {
        return refuse(allow_pm_field, "anyone, participants, moderators or none");
    }
    if (*pm) {
        change.config.allow_pm = RoomConfig::AllowPm(chosen - allow_pm_names.begin());
    }
    return {};
}

Result<void> read_inboxes(const DataForm& form, RoomConfigChange& change, const ConfigLimits&)
{
    const auto read = value_of(form, inboxes_field);
    if (!read) {
        return fail(read.error());
    }
    const auto chosen = std::ranges::find(inboxes_names, read->value_or("members"));
    if (chosen == inboxes_names.end()) {
        return refuse(inboxes_field, "members, occupants or none");
    }
    if (*read) {
        change.config.inboxes = RoomConfig::Inboxes(chosen - inboxes_names.begin());
    }
    return {};
}

Result<void> read_roles(const DataForm& form, RoomConfigChange& change, const ConfigLimits&)
{
    for (const RolesField& of : roles_fields) {
        const FormField* const field = form.find(of.var);
        if (field == nullptr) {
            continue;
        }
        const auto named = [field](Role role) {
            return std::ranges::find(field->values, name(role)) != field->values.end();
        };
        for (const std::string& value : field->values) {
            const auto role = role_named(value);
            if (!role || *role == Role::none) {
                return refuse(of.var, "moderator, participant, visitor");
            }
        }
        std::vector<Role>& roles = change.config.*of.member;
        roles.clear();
        std::ranges::copy_if(occupant_roles, std::back_inserter(roles), named);
    }
    return {};
}

/// The two fields are one value here. Without the first, a password that is given is wanted.
Result<void>
read_password(const DataForm& form, RoomConfigChange& change, const ConfigLimits& limits)
{
    auto wanted = flag_of(form, protected_field);
    auto secret = text_of(form, secret_field, limits.password);
    if (!wanted || !secret) {
        return wanted ? std::move(secret).failure() : std::move(wanted).failure();
    }
    std::string& password = change.config.password;
    const bool was = !password.empty();
    if (*secret) {
        password = **secret;
    }
    if (wanted->value_or(was) && password.empty()) {
        return refuse(secret_field, "a password is needed");
    }
    if (*wanted == false) {
        password.clear();
    }
    return {};
}

Result<void> read_people(const DataForm& form, RoomConfigChange& change, const ConfigLimits& limits)
{
    auto owners = addresses_of(form, owners_field, limits.staff, true);
    auto admins = addresses_of(form, admins_field, limits.staff, true);
    auto contacts = addresses_of(form, contacts_field, limits.contacts, false);
    for (auto* const read : {&owners, &admins, &contacts}) {
        if (!*read) {
            return std::move(*read).failure();
        }
    }
    if (*owners && (*owners)->empty()) {
        return fail(Condition::conflict, "A room has an owner");
    }
    if (*owners && *admins) {
        std::erase_if(
            **admins, [&](const Jid& jid) { return std::ranges::binary_search(**owners, jid); });
    }
    change.owners = std::move(*owners);
    change.admins = std::move(*admins);
    if (*contacts) {
        change.config.contacts = std::move(**contacts);
    }
    return {};
}

} // namespace

Result<RoomConfigChange>
read_config(const DataForm& form, const RoomConfig& now, const ConfigLimits& limits)
{
    const bool empty = form.fields().empty() && form.form_type().empty();
    if (form.type() != "submit" || (!empty && form.form_type() != room_config_form)) {
        return fail(Condition::bad_request, "No configuration of a room was submitted");
    }
    RoomConfigChange change{now, {}, {}};
    for (const auto read :
         {read_texts,
          read_flags,
          read_numbers,
          read_max_users,
          read_choices,
          read_inboxes,
          read_roles,
          read_password,
          read_people}) {
        if (Result<void> done = read(form, change, limits); !done) {
            return std::move(done).failure();
        }
    }
    return change;
}

} // namespace sarang::muc
