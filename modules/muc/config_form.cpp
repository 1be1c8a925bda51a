// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/config_form.h"

#include <algorithm>
#include <utility>

#include "modules/muc/config_fields.h"

namespace sarang::muc {
namespace {

std::string text(bool value)
{
    return value ? "1" : "0";
}

std::vector<std::string> texts(const std::vector<Jid>& list)
{
    std::vector<std::string> texts;
    for (const Jid& jid : list) {
        texts.emplace_back(jid.str());
    }
    return texts;
}

std::vector<std::string> one(const std::string& text)
{
    return text.empty() ? std::vector<std::string>{} : std::vector{text};
}

FormField field(
    std::string_view type,
    std::string_view var,
    std::string_view label,
    std::vector<std::string> values)
{
    return {std::string{type}, std::string{var}, std::string{label}, std::move(values)};
}

FormField max_users(const RoomConfig& config)
{
    const std::string now = config.max_users == 0 ? "none" : std::to_string(config.max_users);
    FormField made = field("list-single", max_users_field, "Occupants, at the most", {now});
    for (const char* const choice : {"10", "20", "30", "50", "100"}) {
        made.choices.push_back({choice, choice});
    }
    if (config.max_users != 0 &&
        std::ranges::find(made.choices, now, &FormField::Choice::value) == made.choices.end()) {
        made.choices.push_back({now, now});
    }
    made.choices.push_back({"No limit of its own", "none"});
    made.open = true;
    return made;
}

FormField allow_pm(const RoomConfig& config)
{
    const std::string now{allow_pm_names[static_cast<std::size_t>(config.allow_pm)]};
    FormField made = field("list-single", allow_pm_field, "Who may send private messages", {now});
    made.choices = {
        {"Anyone", "anyone"},
        {"Those with voice", "participants"},
        {"Moderators", "moderators"},
        {"Nobody", "none"}};
    return made;
}

FormField inboxes(const RoomConfig& config)
{
    const std::string now{inboxes_names[static_cast<std::size_t>(config.inboxes)]};
    FormField made =
        field("list-single", inboxes_field, "Whose inboxes are told of messages", {now});
    made.choices = {
        {"Members'", "members"},
        {"Members' and those of others who are there", "occupants"},
        {"Nobody's", "none"}};
    return made;
}

FormField whois(const RoomConfig& config)
{
    const std::string now = config.non_anonymous ? "anyone" : "moderators";
    FormField made = field("list-single", whois_field, "Who sees real addresses", {now});
    made.choices = {{"Moderators", "moderators"}, {"Anyone", "anyone"}};
    return made;
}

FormField roles(const RolesField& of, const RoomConfig& config)
{
    FormField made = field("list-multi", of.var, of.label, {});
    for (const Role role : config.*of.member) {
        made.values.emplace_back(name(role));
    }
    made.choices = {
        {"Moderators", "moderator"}, {"Participants", "participant"}, {"Visitors", "visitor"}};
    return made;
}

void add_texts(DataForm& form, const RoomConfig& config)
{
    for (const TextField& of : text_fields) {
        form.add(field("text-single", of.var, of.label, one(config.*of.member)));
    }
}

void add_flags(DataForm& form, const RoomConfig& config)
{
    for (const BoolField& of : bool_fields) {
        form.add(field("boolean", of.var, of.label, {text(config.*of.member)}));
    }
}

void add_numbers(DataForm& form, const RoomConfig& config, const ConfigLimits& limits)
{
    for (const NumberField& of : number_fields) {
        FormField made =
            field("text-single", of.var, of.label, {std::to_string(config.*of.member)});
        made.range.emplace(0, limits.*of.limit);
        form.add(std::move(made));
    }
}

void add_password(DataForm& form, const RoomConfig& config)
{
    const std::string set = text(!config.password.empty());
    form.add(field("boolean", protected_field, "A password is needed to enter", {set}));
    form.add(field("text-private", secret_field, "The password", one(config.password)));
}

void add_people(DataForm& form, const RoomConfig& config, const RoomStaff& staff)
{
    form.add(field("jid-multi", admins_field, "Admins", texts(staff.admins)));
    form.add(field("jid-multi", owners_field, "Owners", texts(staff.owners)));
    form.add(field("jid-multi", contacts_field, "Whom to ask", texts(config.contacts)));
}

/// Only what there is to tell.
void add_told(DataForm& form, FormField field)
{
    if (!field.values.empty()) {
        form.add(std::move(field));
    }
}

} // namespace

DataForm config_form(const RoomConfig& config, const RoomStaff& staff, const ConfigLimits& limits)
{
    DataForm form{"form", std::string{room_config_form}};
    form.title("Configuration of the room");
    add_texts(form, config);
    add_flags(form, config);
    add_password(form, config);
    form.add(max_users(config)).add(whois(config)).add(allow_pm(config));
    form.add(inboxes(config));
    for (const RolesField& of : roles_fields) {
        form.add(roles(of, config));
    }
    add_numbers(form, config, limits);
    add_people(form, config, staff);
    return form;
}

Element room_info_form(const RoomConfig& config, const RoomFacts& facts)
{
    const std::string subject_open = text(config.change_subject);
    DataForm form{"result", std::string{room_info_type}};
    const auto tell = [&form](auto type, auto var, auto label, std::vector<std::string> values) {
        add_told(form, field(type, var, label, std::move(values)));
    };
    tell("text-single", "muc#roominfo_description", "Description", one(config.description));
    tell("jid-multi", "muc#roominfo_contactjid", "Whom to ask", texts(config.contacts));
    tell("text-single", "muc#roominfo_subject", "Subject", one(facts.subject));
    tell("boolean", "muc#roominfo_subjectmod", "Participants may change it", {subject_open});
    tell("boolean", "muc#roomconfig_changesubject", "Participants may change it", {subject_open});
    tell("text-single", "muc#roominfo_occupants", "Occupants", {std::to_string(facts.occupants)});
    tell("text-single", "muc#roominfo_lang", "Language", one(config.language));
    tell("text-single", "muc#maxhistoryfetch", "History", {std::to_string(config.history)});
    tell("text-single", "muc#roomconfig_pubsub", "Its node", one(config.pubsub));
    tell(
        "text-single",
        "muc#roominfo_slow_mode_duration",
        "Seconds between messages",
        {std::to_string(config.slow_mode)});
    for (const FormField& other : facts.others) {
        form.add(other);
    }
    return form.element();
}

} // namespace sarang::muc
