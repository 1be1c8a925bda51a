// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/config_form.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang::muc {
namespace {

using AllowPm = RoomConfig::AllowPm;
using Roles = std::vector<Role>;

DataForm form_of(const std::string& fields)
{
    const std::string all = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>"
                            "http://jabber.org/protocol/muc#roomconfig</value></field>" +
                            fields + "</x>";
    return DataForm::read(Element::read(all).value()).value();
}

/// Without its prefix where it has none of its own.
std::string field(std::string_view name, const std::vector<std::string>& values)
{
    const bool whole = name.find_first_of("#{") != std::string_view::npos;
    std::string text =
        "<field var='" + std::string{whole ? "" : "muc#roomconfig_"} + std::string{name} + "'>";
    for (const std::string& value : values) {
        text += "<value>" + value + "</value>";
    }
    return text + "</field>";
}

RoomConfig read(const std::string& fields, const RoomConfig& now = {})
{
    auto change = read_config(form_of(fields), now);
    BOOST_REQUIRE_MESSAGE(change.has_value(), fields);
    return change->config;
}

Error refused(const std::string& fields, const RoomConfig& now = {})
{
    auto change = read_config(form_of(fields), now);
    BOOST_REQUIRE_MESSAGE(!change.has_value(), fields);
    return change.error();
}

Jid jid(std::string_view text)
{
    return Jid::parse(text).value();
}

const std::string all_fields =
    field("roomname", {"A Dark Cave"}) + field("roomdesc", {"For all good witches!"}) +
    field("lang", {"en-GB"}) + field("pubsub", {"xmpp:pubsub.shakespeare.lit?;node=coven"}) +
    field("persistentroom", {"1"}) + field("publicroom", {"false"}) + field("membersonly", {"1"}) +
    field("moderatedroom", {"true"}) + field("changesubject", {"1"}) +
    field("allowinvites", {"1"}) + field("enablelogging", {"0"}) + field("forwardmentions", {"1"}) +
    field("{urn:sarang:muc:0}voice_requests", {"0"}) + field("passwordprotectedroom", {"1"}) +
    field("roomsecret", {"cauldronburn"}) + field("maxusers", {"30"}) + field("whois", {"anyone"}) +
    field("allowpm", {"participants"}) + field("presencebroadcast", {"participant", "moderator"}) +
    field("getmemberlist", {}) + field("muc#maxhistoryfetch", {"50"}) +
    field("slow_mode_duration", {"5"}) + field("{urn:sarang:muc:0}inboxes", {"occupants"}) +
    field("{urn:sarang:muc:0}contacts", {"hecate@shakespeare.lit/heath"});

RoomConfig all_values()
{
    RoomConfig config;
    config.name = "A Dark Cave";
    config.description = "For all good witches!";
    config.language = "en-GB";
    config.pubsub = "xmpp:pubsub.shakespeare.lit?;node=coven";
    config.persistent = true;
    config.listed = false;
    config.members_only = true;
    config.moderated = true;
    config.change_subject = true;
    config.allow_invites = true;
    config.archived = false;
    config.forward_mentions = true;
    config.voice_requests = false;
    config.password = "cauldronburn";
    config.max_users = 30;
    config.non_anonymous = true;
    config.allow_pm = AllowPm::participants;
    config.inboxes = RoomConfig::Inboxes::occupants;
    config.broadcast = {Role::moderator, Role::participant};
    config.member_list = {};
    config.history = 50;
    config.slow_mode = 5;
    config.contacts = {jid("hecate@shakespeare.lit/heath")};
    return config;
}

/// As a client would that changes nothing.
DataForm submitted(const DataForm& form)
{
    DataForm all{"submit", form.form_type()};
    for (const FormField& field : form.fields()) {
        all.add({field.type, field.var, {}, field.values});
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_config_form)

BOOST_AUTO_TEST_CASE(every_field_sets_its_member)
{
    BOOST_TEST((read(all_fields) == all_values()));
}

BOOST_AUTO_TEST_CASE(what_is_not_in_the_form_stays)
{
    BOOST_TEST((read("", all_values()) == all_values()));
    BOOST_TEST(
        (read(field("unknown", {"x"}) + field("x-other", {}), all_values()) == all_values()));
    RoomConfig renamed = all_values();
    renamed.name = "Heath";
    BOOST_TEST((read(field("roomname", {"Heath"}), all_values()) == renamed));
}

BOOST_AUTO_TEST_CASE(a_form_without_a_field_is_an_instant_room)
{
    const DataForm empty{"submit", {}};
    BOOST_TEST((read_config(empty, RoomConfig{})->config == RoomConfig{}));
}

BOOST_AUTO_TEST_CASE(what_is_no_form_of_this_kind_is_refused)
{
    for (const auto& [type, form_type] :
         {std::pair{"form", room_config_form},
          {"cancel", room_config_form},
          {"submit", room_info_type}}) {
        const DataForm form{type, std::string{form_type}};
        const auto read = read_config(form, RoomConfig{});
        BOOST_REQUIRE(!read.has_value());
        BOOST_TEST((read.error().condition == Condition::bad_request));
    }
    DataForm nameless{"submit", {}};
    nameless.add({"", "muc#roomconfig_roomname", {}, {"x"}});
    BOOST_TEST(!read_config(nameless, RoomConfig{}).has_value());
}

BOOST_AUTO_TEST_CASE(the_form_that_is_sent_back_changes_nothing)
{
    const RoomStaff staff{
        {jid("crone1@shakespeare.lit"), jid("hecate@shakespeare.lit")},
        {jid("wiccarocks@shakespeare.lit")}};
    for (const RoomConfig& config : {RoomConfig{}, all_values()}) {
        const auto change = read_config(submitted(config_form(config, staff)), config);
        BOOST_REQUIRE(change.has_value());
        BOOST_TEST((change->config == config));
        BOOST_TEST((change->owners == staff.owners));
        BOOST_TEST((change->admins == staff.admins));
    }
}

BOOST_AUTO_TEST_CASE(the_form_has_every_field_of_the_registrar_and_of_its_type)
{
    const DataForm form = config_form(RoomConfig{}, {});
    BOOST_TEST(form.type() == "form");
    BOOST_TEST(form.form_type() == room_config_form);
    for (const auto& [var, type] : {
             std::pair{"muc#maxhistoryfetch", "text-single"},
             {"muc#roomconfig_allowpm", "list-single"},
             {"muc#roomconfig_allowinvites", "boolean"},
             {"muc#roomconfig_changesubject", "boolean"},
             {"muc#roomconfig_enablelogging", "boolean"},
             {"muc#roomconfig_forwardmentions", "boolean"},
             {"muc#roomconfig_getmemberlist", "list-multi"},
             {"muc#roomconfig_lang", "text-single"},
             {"muc#roomconfig_pubsub", "text-single"},
             {"muc#roomconfig_maxusers", "list-single"},
             {"muc#roomconfig_membersonly", "boolean"},
             {"muc#roomconfig_moderatedroom", "boolean"},
             {"muc#roomconfig_passwordprotectedroom", "boolean"},
             {"muc#roomconfig_persistentroom", "boolean"},
             {"muc#roomconfig_presencebroadcast", "list-multi"},
             {"muc#roomconfig_publicroom", "boolean"},
             {"muc#roomconfig_roomadmins", "jid-multi"},
             {"muc#roomconfig_roomdesc", "text-single"},
             {"muc#roomconfig_roomname", "text-single"},
             {"muc#roomconfig_roomowners", "jid-multi"},
             {"muc#roomconfig_roomsecret", "text-private"},
             {"muc#roomconfig_slow_mode_duration", "text-single"},
             {"muc#roomconfig_whois", "list-single"},
             {"{urn:sarang:muc:0}voice_requests", "boolean"},
             {"{urn:sarang:muc:0}inboxes", "list-single"},
             {"{urn:sarang:muc:0}contacts", "jid-multi"},
         }) {
        const FormField* const found = form.find(var);
        BOOST_REQUIRE_MESSAGE(found != nullptr, var);
        BOOST_TEST(found->type == type, var);
        BOOST_TEST(!found->label.empty(), var);
    }
    BOOST_TEST(form.fields().size() == 26U);
}

BOOST_AUTO_TEST_CASE(what_is_chosen_is_among_the_choices)
{
    for (const std::uint32_t users : {0U, 20U, 21U}) {
        RoomConfig config;
        config.max_users = users;
        const DataForm form = config_form(config, {});
        for (const FormField& field : form.fields()) {
            const bool list = field.type.starts_with("list-");
            BOOST_TEST(list == !field.choices.empty(), field.var);
            for (const std::string& value : list ? field.values : std::vector<std::string>{}) {
                BOOST_TEST(
                    std::ranges::count(field.choices, value, &FormField::Choice::value) == 1,
                    field.var << " " << value);
            }
        }
    }
}

// XEP-0500 §5.1: the numbers that it takes are told.
BOOST_AUTO_TEST_CASE(slow_mode_says_which_numbers_it_takes)
{
    const DataForm form = config_form(RoomConfig{}, {});
    BOOST_TEST(
        (form.find("muc#roomconfig_slow_mode_duration")->range ==
         std::pair{std::uint64_t{0}, std::uint64_t{86'400}}));
}

BOOST_AUTO_TEST_CASE(numbers_of_occupants_have_two_spellings_of_none)
{
    BOOST_TEST(read(field("maxusers", {"none"}), all_values()).max_users == 0U);
    BOOST_TEST(read(field("maxusers", {"0"}), all_values()).max_users == 0U);
    BOOST_TEST(read(field("maxusers", {"1"})).max_users == 1U);
    BOOST_TEST(read(field("maxusers", {"77"})).max_users == 77U);
    BOOST_TEST(read(field("maxusers", {}), all_values()).max_users == 30U);
}

BOOST_AUTO_TEST_CASE(each_value_of_a_choice_is_read)
{
    for (const auto& [text, allow] :
         {std::pair{"anyone", AllowPm::anyone},
          {"participants", AllowPm::participants},
          {"moderators", AllowPm::moderators},
          {"none", AllowPm::none}}) {
        BOOST_TEST((read(field("allowpm", {text}), all_values()).allow_pm == allow), text);
    }
    BOOST_TEST(!read(field("whois", {"moderators"}), all_values()).non_anonymous);
    BOOST_TEST(read(field("whois", {"anyone"})).non_anonymous);
    BOOST_TEST(
        (read(field("presencebroadcast", {"visitor", "moderator", "visitor"})).broadcast ==
         Roles{Role::moderator, Role::visitor}));
    BOOST_TEST((read(field("presencebroadcast", {})).broadcast == Roles{}));
    BOOST_TEST((read(field("getmemberlist", {"moderator"})).member_list == Roles{Role::moderator}));
}

BOOST_AUTO_TEST_CASE(a_text_without_a_value_is_taken_away)
{
    BOOST_TEST(read(field("roomname", {}), all_values()).name.empty());
    BOOST_TEST(read(field("roomdesc", {""}), all_values()).description.empty());
    BOOST_TEST(read(field("lang", {}), all_values()).language.empty());
}

BOOST_AUTO_TEST_CASE(a_bad_value_is_refused_by_the_name_of_its_field)
{
    const std::string long_name(1025, 'x');
    const std::string long_description(4097, 'x');
    for (const auto& [var, value] : std::vector<std::pair<std::string, std::string>>{
             {"roomname", long_name},
             {"roomdesc", long_description},
             {"roomsecret", long_name},
             {"pubsub", long_description},
             {"lang", "en GB"},
             {"lang", "한국어"},
             {"persistentroom", "yes"},
             {"publicroom", ""},
             {"passwordprotectedroom", "2"},
             {"{urn:sarang:muc:0}voice_requests", "no"},
             {"maxusers", "-1"},
             {"maxusers", "many"},
             {"maxusers", "20 "},
             {"maxusers", ""},
             {"maxusers", "1000001"},
             {"maxusers", "4294967297"},
             {"muc#maxhistoryfetch", "1001"},
             {"muc#maxhistoryfetch", "x"},
             {"slow_mode_duration", "86401"},
             {"slow_mode_duration", "-5"},
             {"slow_mode_duration", "0.5"},
             {"whois", "none"},
             {"whois", "Anyone"},
             {"allowpm", "members"},
             {"allowpm", ""},
             {"presencebroadcast", "none"},
             {"presencebroadcast", "owner"},
             {"getmemberlist", "everybody"},
             {"roomowners", "@"},
             {"roomadmins", "a b@c"},
             {"{urn:sarang:muc:0}inboxes", "anyone"},
             {"{urn:sarang:muc:0}contacts", "@"},
         }) {
        const Error error = refused(field(var, {value}));
        BOOST_TEST((error.condition == Condition::not_acceptable), var << " " << value);
        BOOST_TEST(error.text.find(var + ":") != std::string::npos, error.text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_just_not_too_long_is_taken)
{
    BOOST_TEST(read(field("roomname", {std::string(1024, 'x')})).name.size() == 1024U);
    BOOST_TEST(read(field("muc#maxhistoryfetch", {"1000"})).history == 1000U);
    BOOST_TEST(read(field("muc#maxhistoryfetch", {"0"})).history == 0U);
    BOOST_TEST(read(field("slow_mode_duration", {"86400"})).slow_mode == 86'400U);
}

BOOST_AUTO_TEST_CASE(several_values_of_one_are_refused)
{
    for (const std::string var :
         {"roomname",
          "persistentroom",
          "maxusers",
          "whois",
          "allowpm",
          "roomsecret",
          "muc#maxhistoryfetch"}) {
        const Error error = refused(field(var, {"1", "1"}));
        BOOST_TEST((error.condition == Condition::not_acceptable), var);
        BOOST_TEST(error.text.find(var) != std::string::npos, error.text);
    }
}

BOOST_AUTO_TEST_CASE(the_limits_are_the_callers)
{
    ConfigLimits limits;
    limits.history = 10;
    limits.staff = 1;
    const auto read = [&limits](const std::string& fields) {
        return read_config(form_of(fields), RoomConfig{}, limits).has_value();
    };
    BOOST_TEST(read(field("muc#maxhistoryfetch", {"10"})));
    BOOST_TEST(!read(field("muc#maxhistoryfetch", {"11"})));
    BOOST_TEST(read(field("roomowners", {"a@b", "a@b/c"})));
    BOOST_TEST(!read(field("roomowners", {"a@b", "c@b"})));
}

BOOST_AUTO_TEST_CASE(a_password_protects_the_room_while_it_is_wanted)
{
    const auto fields = [](const char* wanted, const char* secret) {
        return field("passwordprotectedroom", {wanted}) + field("roomsecret", {secret});
    };
    RoomConfig now;
    BOOST_TEST(read(fields("1", "new"), now).password == "new");
    BOOST_TEST(read(fields("0", "new"), now).password.empty());
    BOOST_TEST(read(field("roomsecret", {"new"}), now).password == "new");
    BOOST_TEST(read(field("roomsecret", {}), now).password.empty());
    BOOST_TEST((refused(fields("1", ""), now).condition == Condition::not_acceptable));
    BOOST_TEST(
        (refused(field("passwordprotectedroom", {"1"}), now).condition ==
         Condition::not_acceptable));
    now.password = "old";
    BOOST_TEST(read("", now).password == "old");
    BOOST_TEST(read(fields("1", "new"), now).password == "new");
    BOOST_TEST(read(field("passwordprotectedroom", {"1"}), now).password == "old");
    BOOST_TEST(read(field("passwordprotectedroom", {"0"}), now).password.empty());
    BOOST_TEST(read(fields("0", "old"), now).password.empty());
    BOOST_TEST(read(fields("0", ""), now).password.empty());
    BOOST_TEST((refused(fields("1", ""), now).condition == Condition::not_acceptable));
    BOOST_TEST((refused(field("roomsecret", {}), now).condition == Condition::not_acceptable));
}

BOOST_AUTO_TEST_CASE(owners_and_admins_are_accounts_each_of_one_kind)
{
    const auto change = read_config(
        form_of(
            field("roomowners", {"crone1@shakespeare.lit/desktop", "Crone1@shakespeare.lit", ""}) +
            field("roomadmins", {"crone1@shakespeare.lit", "hecate@shakespeare.lit"})),
        RoomConfig{});
    BOOST_REQUIRE(change.has_value());
    BOOST_TEST((change->owners == std::vector{jid("crone1@shakespeare.lit")}));
    BOOST_TEST((change->admins == std::vector{jid("hecate@shakespeare.lit")}));
}

BOOST_AUTO_TEST_CASE(lists_that_are_not_in_the_form_are_told_apart_from_empty_ones)
{
    const auto none = read_config(form_of(field("roomname", {"x"})), RoomConfig{});
    BOOST_TEST((!none->owners && !none->admins));
    const auto empty = read_config(form_of(field("roomadmins", {})), RoomConfig{});
    BOOST_TEST((empty->admins == std::vector<Jid>{}));
    BOOST_TEST((refused(field("roomowners", {})).condition == Condition::conflict));
    BOOST_TEST((refused(field("roomowners", {""})).condition == Condition::conflict));
}

BOOST_AUTO_TEST_CASE(a_room_tells_what_there_is_to_tell)
{
    FormField avatar{"text-multi", "muc#roominfo_avatarhash", {}, {"00"}};
    const Element told = room_info_form(all_values(), {3, "Spells", {avatar}});
    const DataForm form = DataForm::read(told).value();
    BOOST_TEST(form.type() == "result");
    BOOST_TEST(form.form_type() == room_info_type);
    for (const auto& [var, value] :
         {std::pair{"muc#roominfo_description", "For all good witches!"},
          {"muc#roominfo_contactjid", "hecate@shakespeare.lit/heath"},
          {"muc#roominfo_subject", "Spells"},
          {"muc#roominfo_subjectmod", "1"},
          {"muc#roomconfig_changesubject", "1"},
          {"muc#roominfo_occupants", "3"},
          {"muc#roominfo_lang", "en-GB"},
          {"muc#maxhistoryfetch", "50"},
          {"muc#roomconfig_pubsub", "xmpp:pubsub.shakespeare.lit?;node=coven"},
          {"muc#roominfo_slow_mode_duration", "5"},
          {"muc#roominfo_avatarhash", "00"}}) {
        BOOST_TEST((form.texts(var) == std::vector<std::string>{value}), var);
    }
    BOOST_TEST(form.fields().size() == 11U);
    BOOST_TEST(told.str().find("cauldronburn") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_room_is_silent_of_what_it_does_not_have)
{
    const DataForm form = DataForm::read(room_info_form(RoomConfig{}, {})).value();
    BOOST_TEST(form.fields().size() == 5U);
    BOOST_TEST(form.find("muc#roominfo_subject") == nullptr);
    BOOST_TEST(form.find("muc#roominfo_contactjid") == nullptr);
    BOOST_TEST((form.texts("muc#roominfo_occupants") == std::vector<std::string>{"0"}));
    BOOST_TEST((form.texts("muc#roominfo_slow_mode_duration") == std::vector<std::string>{"0"}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
