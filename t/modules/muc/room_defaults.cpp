// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/room_defaults.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "modules/muc/config_form.h"

namespace sarang::muc {
namespace {

std::shared_ptr<const Config> config_of(std::string_view text)
{
    return Config::parse(text, "sarangd.toml").value();
}

struct Stage {
    explicit Stage(std::string_view text = "")
        : options{schema, config_of(text), "muc.room", "rooms.lit"}
    {}

    Schema schema;
    Options options;
    RoomDefaults defaults{options};
};

std::size_t errors_in(std::string_view setting)
{
    const std::string text = "[muc.room]\n" + std::string{setting} + '\n';
    const Stage stage{text};
    return stage.schema.check(*config_of(text)).size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_room_defaults)

BOOST_AUTO_TEST_CASE(a_room_is_as_ever_where_the_file_says_nothing)
{
    BOOST_TEST((Stage{}.defaults.config() == RoomConfig{}));
}

BOOST_AUTO_TEST_CASE(the_file_says_how_a_room_is_made)
{
    const Stage stage{
        "[muc.room]\n"
        "persistent = true\npublic = false\nmembers_only = true\nmoderated = true\n"
        "anonymous = false\nchange_subject = true\nallow_invites = true\nvoice_requests = false\n"
        "archived = false\nforward_mentions = true\nmax_users = 30\nhistory = 5\n"
        "slow_mode = \"2500ms\"\nallow_pm = \"moderators\"\n"
        "inboxes = \"occupants\"\n"
        "broadcast = \"moderators\"\nmember_list = \"nobody\"\n"
        "description = \"All good witches\"\nlanguage = \"en-GB\"\n"
        "contacts = [\"hecate@shakespeare.lit\"]\n"
        "[host.\"rooms.lit\".muc.room]\nhistory = 7\nmember_list = \"participants\"\n"};
    RoomConfig expected;
    expected.description = "All good witches";
    expected.language = "en-GB";
    expected.contacts = {Jid::parse("hecate@shakespeare.lit").value()};
    expected.persistent = true;
    expected.listed = false;
    expected.members_only = true;
    expected.moderated = true;
    expected.non_anonymous = true;
    expected.change_subject = true;
    expected.allow_invites = true;
    expected.voice_requests = false;
    expected.archived = false;
    expected.forward_mentions = true;
    expected.max_users = 30;
    expected.history = 7;
    expected.slow_mode = 2;
    expected.allow_pm = RoomConfig::AllowPm::moderators;
    expected.inboxes = RoomConfig::Inboxes::occupants;
    expected.broadcast = {Role::moderator};
    expected.member_list = {Role::moderator, Role::participant};
    BOOST_TEST((stage.defaults.config() == expected));
}

BOOST_AUTO_TEST_CASE(a_new_file_counts_for_the_next_room)
{
    Stage stage{"[muc.room]\nbroadcast = \"nobody\"\n"};
    BOOST_TEST(stage.defaults.config().broadcast.empty());
    stage.options.apply(config_of("[muc.room]\nmoderated = true\n"));
    BOOST_TEST(stage.defaults.config().moderated);
    BOOST_TEST(stage.defaults.config().broadcast.size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_file_may_say_no_more_than_an_owner)
{
    BOOST_TEST(errors_in("max_users = " + std::to_string(ConfigLimits{}.users)) == 0U);
    BOOST_TEST(errors_in("max_users = " + std::to_string(ConfigLimits{}.users + 1)) == 1U);
    BOOST_TEST(errors_in("history = " + std::to_string(ConfigLimits{}.history)) == 0U);
    BOOST_TEST(errors_in("history = " + std::to_string(ConfigLimits{}.history + 1)) == 1U);
    BOOST_TEST(errors_in("slow_mode = \"24h\"") == 0U);
    BOOST_TEST(errors_in("slow_mode = \"25h\"") == 1U);
    BOOST_TEST(errors_in("allow_pm = \"visitors\"") == 1U);
    BOOST_TEST(errors_in("inboxes = \"anyone\"") == 1U);
    BOOST_TEST(errors_in("colour = \"red\"") == 1U);
}

BOOST_AUTO_TEST_CASE(what_no_owner_may_set_is_left_out)
{
    const Stage stage{"[muc.room]\nlanguage = \"the King's\"\ndescription = \"All good witches\"\n"
                      "contacts = [\"hecate@shakespeare.lit\", \"@\"]\n"};
    RoomConfig expected;
    expected.description = "All good witches";
    BOOST_TEST((stage.defaults.config() == expected));
    const std::string large(ConfigLimits{}.description + 1, 'x');
    const Stage other{"[muc.room]\ndescription = \"" + large + "\"\nlanguage = \"ko\"\n"};
    BOOST_TEST(other.defaults.config().description.empty());
    BOOST_TEST(other.defaults.config().language == "ko");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
