// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/room_defaults.h"

#include "base/log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include "modules/muc/config_fields.h"
#include "modules/muc/config_form.h"

namespace sarang::muc {
namespace {

const Log log{"muc"};

} // namespace

RoomDefaults::RoomDefaults(Options& options)
    : description_{options.string("description", "", "what it is for")}
    , language_{options.string("language", "", "that is spoken there, such as ko or en-GB")}
    , contacts_{options.list("contacts", {}, "addresses of those who answer for it")}
    , persistent_{options.boolean("persistent", false, "it stays when nobody is there")}
    , listed_{options.boolean("public", true, "it is listed")}
    , members_only_{options.boolean("members_only", false, "only members may enter")}
    , moderated_{options.boolean("moderated", false, "only those with voice may speak")}
    , anonymous_{options.boolean("anonymous", true, "only moderators see real addresses")}
    , change_subject_{options.boolean(
          "change_subject", false, "participants may change the subject")}
    , allow_invites_{options.boolean("allow_invites", false, "members may invite others")}
    , voice_requests_{options.boolean("voice_requests", true, "visitors may ask for voice")}
    , archived_{options.boolean("archived", true, "what is said is archived")}
    , forward_mentions_{options.boolean(
          "forward_mentions", false, "members who are away are told when they are mentioned")}
    , max_users_{options.integer(
          "max_users", 0, {0, ConfigLimits{}.users}, "occupants; 0: as many as the service takes")}
    , history_{options.integer(
          "history",
          RoomConfig{}.history,
          {0, ConfigLimits{}.history},
          "messages shown to those who enter")}
    , slow_mode_{options.duration(
          "slow_mode",
          Milliseconds::zero(),
          {Milliseconds::zero(), std::chrono::seconds{ConfigLimits{}.slow_mode}},
          "between two messages of one person, in whole seconds; 0s: nothing")}
    , allow_pm_{options.choice<RoomConfig::AllowPm>(
          "allow_pm",
          RoomConfig::AllowPm::anyone,
          {{"anyone", RoomConfig::AllowPm::anyone},
           {"participants", RoomConfig::AllowPm::participants},
           {"moderators", RoomConfig::AllowPm::moderators},
           {"none", RoomConfig::AllowPm::none}},
          "who may send private messages")}
    , inboxes_{options.choice<RoomConfig::Inboxes>(
          "inboxes",
          RoomConfig::Inboxes::members,
          {{"members", RoomConfig::Inboxes::members},
           {"occupants", RoomConfig::Inboxes::occupants},
           {"none", RoomConfig::Inboxes::none}},
          "whose inboxes are told of messages")}
    , broadcast_{roles(options, "broadcast", "whose presence is shown to all")}
    , member_list_{roles(options, "member_list", "who may see the list of members")}
{}

Option<RoomDefaults::Roles>
RoomDefaults::roles(Options& options, const char* key, const char* description)
{
    return options.choice<Roles>(
        key,
        Roles::all,
        {{"all", Roles::all},
         {"participants", Roles::participants},
         {"moderators", Roles::moderators},
         {"nobody", Roles::nobody}},
        description);
}

std::vector<Role> RoomDefaults::named(Roles roles)
{
    if (roles == Roles::nobody) {
        return {};
    }
    const Role least = roles == Roles::all            ? Role::visitor
                       : roles == Roles::participants ? Role::participant
                                                      : Role::moderator;
    std::vector<Role> named;
    std::ranges::copy_if(
        occupant_roles, std::back_inserter(named), [least](Role role) { return role >= least; });
    return named;
}

RoomConfig RoomDefaults::config() const
{
    RoomConfig config;
    config.persistent = *persistent_;
    config.listed = *listed_;
    config.members_only = *members_only_;
    config.moderated = *moderated_;
    config.non_anonymous = !*anonymous_;
    config.change_subject = *change_subject_;
    config.allow_invites = *allow_invites_;
    config.voice_requests = *voice_requests_;
    config.archived = *archived_;
    config.forward_mentions = *forward_mentions_;
    config.max_users = static_cast<std::uint32_t>(*max_users_);
    config.history = static_cast<std::uint32_t>(*history_);
    config.slow_mode =
        static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(*slow_mode_).count());
    config.allow_pm = *allow_pm_;
    config.inboxes = *inboxes_;
    config.broadcast = named(*broadcast_);
    config.member_list = named(*member_list_);
    add_texts(config);
    return config;
}

// By the rules for what an owner fills in.
void RoomDefaults::add_texts(RoomConfig& config) const
{
    const std::array fields{
        FormField{"", "muc#roomconfig_roomdesc", "", {*description_}},
        FormField{"", "muc#roomconfig_lang", "", {*language_}},
        FormField{"", std::string{contacts_field}, "", *contacts_}};
    for (const FormField& field : fields) {
        DataForm form{"submit", std::string{room_config_form}};
        form.add(field);
        Result<RoomConfigChange> change = read_config(form, config);
        if (change) {
            config = std::move(change->config);
        } else {
            log.warn("a default of rooms is left out: {}", change.error().text);
        }
    }
}

} // namespace sarang::muc
