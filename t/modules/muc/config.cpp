// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/config.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang::muc {
namespace {

using AllowPm = RoomConfig::AllowPm;
using Codes = std::vector<unsigned>;
using Kept = Codec<RoomConfig>;

constexpr std::array roles{Role::none, Role::visitor, Role::participant, Role::moderator};

constexpr std::array affiliations{
    Affiliation::outcast,
    Affiliation::none,
    Affiliation::member,
    Affiliation::admin,
    Affiliation::owner};

/// Each member other than by default.
RoomConfig changed()
{
    RoomConfig config;
    config.name = "A Dark Cave";
    config.description = "The place for all good witches!";
    config.language = "en";
    config.password = "cauldronburn";
    config.persistent = true;
    config.listed = false;
    config.members_only = true;
    config.moderated = true;
    config.non_anonymous = true;
    config.change_subject = true;
    config.allow_invites = true;
    config.voice_requests = false;
    config.archived = false;
    config.forward_mentions = true;
    config.max_users = 30;
    config.history = 50;
    config.slow_mode = 300;
    config.allow_pm = AllowPm::moderators;
    config.inboxes = RoomConfig::Inboxes::none;
    config.broadcast = {Role::moderator};
    config.member_list = {};
    config.contacts = {Jid::parse("crone1@shakespeare.lit").value()};
    config.pubsub = "xmpp:pubsub.shakespeare.lit?;node=the-coven-node";
    return config;
}

std::string read_list(const RoomConfig& config, Rank actor, Affiliation list)
{
    const Result<void> read = may_read_affiliations(config, actor, list);
    return std::string{read ? "allowed" : sarang::name(read.error().condition)};
}

std::string text(Rank rank)
{
    return std::string{name(rank.affiliation)} + "/" + std::string{name(rank.role)};
}

std::vector<Rank> all_ranks()
{
    std::vector<Rank> ranks;
    for (const Affiliation affiliation : affiliations) {
        for (const Role role : roles) {
            ranks.push_back({affiliation, role});
        }
    }
    return ranks;
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_config)

BOOST_AUTO_TEST_CASE(a_configuration_comes_back_as_it_was_kept)
{
    for (const RoomConfig& config : {RoomConfig{}, changed()}) {
        BOOST_TEST((Kept::decode(Kept::encode(config)) == config));
    }
}

BOOST_AUTO_TEST_CASE(each_flag_is_kept_by_itself)
{
    for (const auto flag :
         {&RoomConfig::persistent,
          &RoomConfig::listed,
          &RoomConfig::members_only,
          &RoomConfig::moderated,
          &RoomConfig::non_anonymous,
          &RoomConfig::change_subject,
          &RoomConfig::allow_invites,
          &RoomConfig::voice_requests,
          &RoomConfig::archived,
          &RoomConfig::forward_mentions}) {
        RoomConfig config;
        config.*flag = !(config.*flag);
        BOOST_TEST((Kept::decode(Kept::encode(config)) == config));
    }
}

BOOST_AUTO_TEST_CASE(what_is_damaged_is_no_configuration)
{
    const std::string bytes = Kept::encode(changed());
    for (std::size_t size = 0; size < bytes.size() - 1; ++size) {
        BOOST_TEST((Kept::decode(std::string_view{bytes}.substr(0, size)) == std::nullopt), size);
    }
    for (const std::size_t place : {std::size_t{0}, bytes.size() - 1}) {
        std::string other = bytes;
        other[place] = 3;
        BOOST_TEST((Kept::decode(other) == std::nullopt));
    }
}

BOOST_AUTO_TEST_CASE(a_room_from_before_has_what_is_usual)
{
    RoomConfig usual = changed();
    usual.inboxes = RoomConfig{}.inboxes;
    const std::string bytes = Kept::encode(changed());
    BOOST_TEST((Kept::decode(bytes.substr(0, bytes.size() - 1)) == usual));
}

// From here on the bytes of an empty configuration: version, four texts, flags, three numbers.
BOOST_AUTO_TEST_CASE(values_that_nobody_has_are_no_configuration)
{
    const std::string head{"\1\0\0\0\0\0\0\0\0", 9};
    const std::string end{"\0\0", 2};
    BOOST_TEST((Kept::decode(head + std::string{"\0\0\0", 3} + end) != std::nullopt));
    BOOST_TEST((Kept::decode(head + std::string{"\4\0\0", 3} + end) == std::nullopt)); // AllowPm
    BOOST_TEST((Kept::decode(head + std::string{"\0\1\4\0", 4} + end) == std::nullopt));
    BOOST_TEST((Kept::decode(head + std::string{"\0\1\0\0", 4} + end) == std::nullopt));
    BOOST_TEST((Kept::decode(head + std::string{"\0\2\1\1\0", 5} + end) == std::nullopt)); // twice
    BOOST_TEST((Kept::decode(head + std::string{"\0\0\0\1\1@\0", 7}) == std::nullopt)); // address
    const std::string wide{"\1\0\0\0\0\0\200\200\200\200\20\0\0\0\0\0\0\0", 18}; // 2^32 users
    BOOST_TEST((Kept::decode(wide) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(what_a_later_version_adds_is_left_unread)
{
    BOOST_TEST((Kept::decode(Kept::encode(changed()) + "more") == changed()));
}

BOOST_AUTO_TEST_CASE(the_subject_is_the_moderators_unless_participants_may_change_it)
{
    RoomConfig config;
    for (const bool open : {false, true}) {
        config.change_subject = open;
        BOOST_TEST(!may_change_subject(config, Role::none));
        BOOST_TEST(!may_change_subject(config, Role::visitor));
        BOOST_TEST(may_change_subject(config, Role::participant) == open);
        BOOST_TEST(may_change_subject(config, Role::moderator));
    }
}

BOOST_AUTO_TEST_CASE(private_messages_are_for_those_whom_the_room_names)
{
    for (const auto& [allow, of] :
         {std::pair{AllowPm::anyone, std::array{false, true, true, true}},
          {AllowPm::participants, {false, false, true, true}},
          {AllowPm::moderators, {false, false, false, true}},
          {AllowPm::none, {false, false, false, false}}}) {
        RoomConfig config;
        config.allow_pm = allow;
        for (std::size_t i = 0; i < roles.size(); ++i) {
            BOOST_TEST(may_send_private(config, roles[i]) == of[i], int(allow) << name(roles[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(presence_of_the_roles_that_are_named_is_shown)
{
    RoomConfig config;
    BOOST_TEST(!broadcasts(config, Role::none));
    BOOST_TEST(broadcasts(config, Role::visitor));
    config.broadcast = {Role::moderator};
    BOOST_TEST(broadcasts(config, Role::moderator));
    BOOST_TEST(!broadcasts(config, Role::participant));
    BOOST_TEST(!broadcasts(config, Role::visitor));
}

BOOST_AUTO_TEST_CASE(an_invitation_into_a_members_only_room_is_the_admins_or_the_members)
{
    RoomConfig config;
    for (const Rank rank : all_ranks()) {
        config.members_only = false;
        BOOST_TEST(may_invite(config, rank) == (rank.role != Role::none), text(rank));
        config.members_only = true;
        config.allow_invites = false;
        BOOST_TEST(may_invite(config, rank) == (rank.affiliation >= Affiliation::admin));
        config.allow_invites = true;
        BOOST_TEST(may_invite(config, rank) == (rank.affiliation >= Affiliation::member));
    }
}

BOOST_AUTO_TEST_CASE(bans_are_listed_for_admins_and_nobody_is_listed_as_none)
{
    for (const bool open : {false, true}) {
        RoomConfig config;
        config.non_anonymous = open;
        for (const Rank rank : all_ranks()) {
            const bool admin = rank.affiliation >= Affiliation::admin;
            BOOST_TEST(
                read_list(config, rank, Affiliation::outcast) == (admin ? "allowed" : "forbidden"),
                text(rank));
            BOOST_TEST(read_list(config, rank, Affiliation::none) == "bad-request");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_semi_anonymous_room_lists_its_people_where_addresses_are_known_anyway)
{
    const RoomConfig config;
    for (const Rank rank : all_ranks()) {
        const bool moderator =
            rank.role == Role::moderator && rank.affiliation != Affiliation::outcast;
        const bool members = rank.affiliation >= Affiliation::admin || moderator;
        const std::string staff = rank.affiliation == Affiliation::owner ? "allowed" : "forbidden";
        BOOST_TEST(
            read_list(config, rank, Affiliation::member) == (members ? "allowed" : "forbidden"),
            text(rank));
        BOOST_TEST(read_list(config, rank, Affiliation::admin) == staff, text(rank));
        BOOST_TEST(read_list(config, rank, Affiliation::owner) == staff, text(rank));
    }
}

BOOST_AUTO_TEST_CASE(a_non_anonymous_room_lists_its_people_for_members_and_occupants)
{
    RoomConfig config;
    config.non_anonymous = true;
    for (const Rank rank : all_ranks()) {
        const bool known = rank.affiliation >= Affiliation::member ||
                           (rank.affiliation == Affiliation::none && rank.role != Role::none);
        for (const Affiliation list :
             {Affiliation::member, Affiliation::admin, Affiliation::owner}) {
            BOOST_TEST(
                read_list(config, rank, list) == (known ? "allowed" : "forbidden"), text(rank));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_roles_that_may_see_the_members_are_the_owners_to_choose)
{
    RoomConfig config;
    config.non_anonymous = true;
    config.member_list = {Role::moderator};
    const auto seen = [&config](Affiliation affiliation, Role role) {
        return read_list(config, {affiliation, role}, Affiliation::member) == "allowed";
    };
    BOOST_TEST(!seen(Affiliation::member, Role::participant));
    BOOST_TEST(!seen(Affiliation::member, Role::none));
    BOOST_TEST(!seen(Affiliation::none, Role::visitor));
    BOOST_TEST(seen(Affiliation::none, Role::moderator));
    BOOST_TEST(seen(Affiliation::admin, Role::none));
    config.member_list = {};
    BOOST_TEST(!seen(Affiliation::none, Role::moderator));
    BOOST_TEST(seen(Affiliation::owner, Role::none));
}

BOOST_AUTO_TEST_CASE(occupants_are_told_of_what_changes)
{
    const RoomConfig before;
    RoomConfig after = before;
    BOOST_TEST((status_codes(before, after) == Codes{}));
    after.archived = false;
    BOOST_TEST((status_codes(before, after) == Codes{171}));
    BOOST_TEST((status_codes(after, before) == Codes{170}));
    after.non_anonymous = true;
    BOOST_TEST((status_codes(before, after) == Codes{171, 172}));
    BOOST_TEST((status_codes(after, before) == Codes{170, 173}));
    after.slow_mode = 5;
    BOOST_TEST((status_codes(before, after) == Codes{171, 172, 104}));
    RoomConfig renamed = before;
    renamed.name = "A Dark Cave";
    BOOST_TEST((status_codes(before, renamed) == Codes{104}));
}

BOOST_AUTO_TEST_CASE(a_room_names_one_feature_of_each_pair)
{
    using Features = std::vector<std::string_view>;
    BOOST_TEST(
        (room_features(RoomConfig{}) == Features{
                                            "muc_public",
                                            "muc_temporary",
                                            "muc_open",
                                            "muc_unmoderated",
                                            "muc_semianonymous",
                                            "muc_unsecured"}));
    BOOST_TEST(
        (room_features(changed()) == Features{
                                         "muc_hidden",
                                         "muc_persistent",
                                         "muc_membersonly",
                                         "muc_moderated",
                                         "muc_nonanonymous",
                                         "muc_passwordprotected"}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
