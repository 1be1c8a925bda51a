// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/rank.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::muc {
namespace {

using enum Condition;

constexpr std::array affiliations{
    Affiliation::outcast,
    Affiliation::none,
    Affiliation::member,
    Affiliation::admin,
    Affiliation::owner};
constexpr std::array roles{Role::none, Role::visitor, Role::participant, Role::moderator};

/// Nothing for what is allowed.
std::optional<Condition> refusal(const Result<void>& result)
{
    return result ? std::nullopt : std::optional{result.error().condition};
}

std::string text(std::optional<Condition> condition)
{
    return std::string{condition ? name(*condition) : "allowed"};
}

std::string text(Rank rank)
{
    return std::string{name(rank.affiliation)} + "/" + std::string{name(rank.role)};
}

std::string role_change(Rank actor, Rank target, Role to)
{
    return text(refusal(may_change_role(actor, target, to)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(muc_rank)

BOOST_AUTO_TEST_CASE(names_are_read_as_they_are_told)
{
    for (const Affiliation affiliation : affiliations) {
        BOOST_TEST((affiliation_named(name(affiliation)) == affiliation));
    }
    for (const Role role : roles) {
        BOOST_TEST((role_named(name(role)) == role));
    }
    BOOST_TEST(name(Affiliation::outcast) == "outcast");
    BOOST_TEST(name(Affiliation::owner) == "owner");
    BOOST_TEST(name(Role::none) == "none");
    BOOST_TEST(name(Role::moderator) == "moderator");
    for (const std::string_view other : {"", "Owner", "moderator", "owners"}) {
        BOOST_TEST((affiliation_named(other) == std::nullopt), other);
    }
    for (const std::string_view other : {"", "Moderator", "owner", "visitors"}) {
        BOOST_TEST((role_named(other) == std::nullopt), other);
    }
}

BOOST_AUTO_TEST_CASE(roles_have_the_privileges_of_the_table)
{
    using enum RolePrivilege;

    struct Row {
        RolePrivilege privilege;
        std::array<bool, 4> of; // none, visitor, participant, moderator
    };

    for (const auto& [privilege, of] : {
             Row{be_present, {false, true, true, true}},
             Row{receive_messages, {false, true, true, true}},
             Row{receive_presence, {false, true, true, true}},
             Row{broadcast_presence, {false, true, true, true}},
             Row{change_availability, {false, true, true, true}},
             Row{change_nick, {false, true, true, true}},
             Row{send_private_messages, {false, true, true, true}},
             Row{invite, {false, true, true, true}},
             Row{speak, {false, false, true, true}},
             Row{change_subject, {false, false, true, true}},
             Row{kick, {false, false, false, true}},
             Row{grant_voice, {false, false, false, true}},
             Row{revoke_voice, {false, false, false, true}},
         }) {
        for (std::size_t i = 0; i < roles.size(); ++i) {
            BOOST_TEST(may(roles[i], privilege) == of[i], int(privilege) << name(roles[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(affiliations_have_the_privileges_of_the_table)
{
    using enum AffiliationPrivilege;

    struct Row {
        AffiliationPrivilege privilege;
        std::array<bool, 5> of; // outcast, none, member, admin, owner
    };

    for (const auto& [privilege, of] : {
             Row{enter_open_room, {false, true, true, true, true}},
             Row{register_with_open_room, {false, true, false, false, false}},
             Row{retrieve_member_list, {false, false, true, true, true}},
             Row{enter_members_only_room, {false, false, true, true, true}},
             Row{ban, {false, false, false, true, true}},
             Row{edit_member_list, {false, false, false, true, true}},
             Row{change_moderators, {false, false, false, true, true}},
             Row{edit_admin_list, {false, false, false, false, true}},
             Row{edit_owner_list, {false, false, false, false, true}},
             Row{configure, {false, false, false, false, true}},
             Row{destroy, {false, false, false, false, true}},
         }) {
        for (std::size_t i = 0; i < affiliations.size(); ++i) {
            BOOST_TEST(
                may(affiliations[i], privilege) == of[i], int(privilege) << name(affiliations[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(who_enters_has_the_role_of_the_table)
{
    using enum Role;

    struct Row {
        bool moderated;
        bool members_only;
        std::array<Role, 5> of; // outcast, none, member, admin, owner
    };

    for (const auto& [moderated, members_only, of] : {
             Row{false, false, {none, participant, participant, moderator, moderator}},
             Row{true, false, {none, visitor, participant, moderator, moderator}},
             Row{false, true, {none, none, participant, moderator, moderator}},
             Row{true, true, {none, none, participant, moderator, moderator}},
         }) {
        for (std::size_t i = 0; i < affiliations.size(); ++i) {
            BOOST_TEST(
                (initial_role(affiliations[i], moderated, members_only) == of[i]),
                moderated << members_only << name(affiliations[i]));
        }
    }
}

// XEP-0045 §8.2: what those may do who are moderators themselves.
BOOST_AUTO_TEST_CASE(moderators_kick_whom_no_affiliation_keeps)
{
    const Rank plain{Affiliation::none, Role::moderator};
    const Rank member{Affiliation::member, Role::moderator};
    const Rank admin{Affiliation::admin, Role::moderator};
    const Rank owner{Affiliation::owner, Role::moderator};

    struct Row {
        Rank target;
        std::array<std::string_view, 4> by; // plain, member, admin, owner
    };

    constexpr std::string_view yes = "allowed";
    constexpr std::string_view no = "not-allowed";
    for (const auto& [target, by] : {
             Row{{Affiliation::none, Role::visitor}, {yes, yes, yes, yes}},
             Row{{Affiliation::none, Role::participant}, {yes, yes, yes, yes}},
             Row{{Affiliation::none, Role::moderator}, {no, no, yes, yes}},
             Row{{Affiliation::member, Role::visitor}, {no, yes, yes, yes}},
             Row{{Affiliation::member, Role::participant}, {no, yes, yes, yes}},
             Row{{Affiliation::member, Role::moderator}, {no, no, yes, yes}},
             Row{{Affiliation::admin, Role::participant}, {no, no, yes, yes}},
             Row{{Affiliation::admin, Role::moderator}, {no, no, yes, yes}},
             Row{{Affiliation::owner, Role::participant}, {no, no, no, yes}},
             Row{{Affiliation::owner, Role::moderator}, {no, no, no, yes}},
         }) {
        BOOST_TEST(role_change(plain, target, Role::none) == by[0], text(target));
        BOOST_TEST(role_change(member, target, Role::none) == by[1], text(target));
        BOOST_TEST(role_change(admin, target, Role::none) == by[2], text(target));
        BOOST_TEST(role_change(owner, target, Role::none) == by[3], text(target));
    }
}

BOOST_AUTO_TEST_CASE(everybody_may_kick_himself_and_nobody_who_is_not_there)
{
    for (const Affiliation affiliation : affiliations) {
        const Rank visitor{affiliation, Role::visitor};
        BOOST_TEST(may_change_role(visitor, visitor, Role::none, true).has_value());
        const Rank moderator{affiliation, Role::moderator};
        BOOST_TEST(may_change_role(moderator, moderator, Role::none, true).has_value());
        for (const Role to : roles) {
            BOOST_TEST(role_change(moderator, {affiliation, Role::none}, to) == "item-not-found");
        }
    }
}

BOOST_AUTO_TEST_CASE(nobody_makes_himself_more_than_he_may_make_others)
{
    for (const Affiliation affiliation : {Affiliation::none, Affiliation::member}) {
        const Rank visitor{affiliation, Role::visitor};
        const Rank participant{affiliation, Role::participant};
        BOOST_TEST(
            (refusal(may_change_role(visitor, visitor, Role::participant, true)) == forbidden));
        BOOST_TEST(
            (refusal(may_change_role(participant, participant, Role::moderator, true)) ==
             forbidden));
    }
}

// XEP-0045 §8.3, §8.4, §8.5.
BOOST_AUTO_TEST_CASE(moderators_give_voice_and_take_it_below_their_affiliation)
{
    const Rank plain{Affiliation::none, Role::moderator};
    const Rank member{Affiliation::member, Role::moderator};
    const Rank admin{Affiliation::admin, Role::moderator};
    const Rank owner{Affiliation::owner, Role::moderator};
    for (const Affiliation affiliation : affiliations) {
        for (const Rank actor : {plain, member, admin, owner}) {
            BOOST_TEST(
                role_change(actor, {affiliation, Role::visitor}, Role::participant) == "allowed",
                text(actor));
        }
    }

    struct Row {
        Affiliation target;
        std::array<std::string_view, 4> by; // plain, member, admin, owner
    };

    constexpr std::string_view yes = "allowed";
    constexpr std::string_view no = "not-allowed";
    for (const auto& [affiliation, by] : {
             Row{Affiliation::none, {yes, yes, yes, yes}},
             Row{Affiliation::member, {no, no, yes, yes}},
             Row{Affiliation::admin, {no, no, no, no}},
             Row{Affiliation::owner, {no, no, no, no}},
         }) {
        const Rank target{affiliation, Role::participant};
        BOOST_TEST(role_change(plain, target, Role::visitor) == by[0], text(target));
        BOOST_TEST(role_change(member, target, Role::visitor) == by[1], text(target));
        BOOST_TEST(role_change(admin, target, Role::visitor) == by[2], text(target));
        BOOST_TEST(role_change(owner, target, Role::visitor) == by[3], text(target));
    }
}

// XEP-0045 §8: an admin who is not there, or has no such role, is no moderator.
BOOST_AUTO_TEST_CASE(only_moderators_kick_and_change_voice)
{
    for (const Affiliation affiliation : affiliations) {
        for (const Role role : {Role::none, Role::visitor, Role::participant}) {
            const Rank actor{affiliation, role};
            const Rank visitor{Affiliation::none, Role::visitor};
            const Rank participant{Affiliation::none, Role::participant};
            BOOST_TEST(role_change(actor, visitor, Role::none) == "forbidden", text(actor));
            BOOST_TEST(role_change(actor, visitor, Role::participant) == "forbidden", text(actor));
            BOOST_TEST(role_change(actor, participant, Role::visitor) == "forbidden", text(actor));
        }
    }
}

// XEP-0045 §9.6, §9.7, §9.8.
BOOST_AUTO_TEST_CASE(admins_make_moderators_and_take_it_from_those_who_are_no_admins)
{
    for (const Role role : roles) {
        for (const Affiliation affiliation : affiliations) {
            const Rank actor{affiliation, role};
            const bool admin = affiliation >= Affiliation::admin;
            const std::string_view plain = admin ? "allowed" : "forbidden";
            const std::string_view high = admin ? "not-allowed" : "forbidden";
            for (const Affiliation of : affiliations) {
                for (const Role from : {Role::visitor, Role::participant, Role::moderator}) {
                    BOOST_TEST(role_change(actor, {of, from}, Role::moderator) == plain);
                }
                const std::string_view expected = of >= Affiliation::admin ? high : plain;
                for (const Role to : {Role::visitor, Role::participant}) {
                    BOOST_TEST(
                        role_change(actor, {of, Role::moderator}, to) == expected,
                        text(actor) << " of " << name(of));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(those_below_admins_change_no_affiliation)
{
    for (const Affiliation actor : {Affiliation::outcast, Affiliation::none, Affiliation::member}) {
        for (const Affiliation target : affiliations) {
            for (const Affiliation to : affiliations) {
                for (const bool self : {false, true}) {
                    BOOST_TEST(
                        (refusal(may_change_affiliation(actor, target, to, self)) == forbidden));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(admins_change_what_is_below_them)
{
    struct Row {
        Affiliation target;
        std::array<std::string_view, 5> to; // outcast, none, member, admin, owner
    };

    constexpr std::string_view yes = "allowed";
    constexpr std::string_view no = "forbidden";
    for (const auto& [target, allowed] : {
             Row{Affiliation::outcast, {yes, yes, yes, no, no}},
             Row{Affiliation::none, {yes, yes, yes, no, no}},
             Row{Affiliation::member, {yes, yes, yes, no, no}},
             Row{Affiliation::admin, {"not-allowed", no, no, no, no}},
             Row{Affiliation::owner, {"not-allowed", no, no, no, no}},
         }) {
        for (std::size_t i = 0; i < affiliations.size(); ++i) {
            BOOST_TEST(
                text(refusal(may_change_affiliation(
                    Affiliation::admin, target, affiliations[i]))) == allowed[i],
                name(target) << " to " << name(affiliations[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(owners_change_all_and_nobody_bans_himself)
{
    for (const Affiliation target : affiliations) {
        for (const Affiliation to : affiliations) {
            BOOST_TEST(may_change_affiliation(Affiliation::owner, target, to).has_value());
        }
    }
    BOOST_TEST(
        may_change_affiliation(Affiliation::owner, Affiliation::owner, Affiliation::none, true)
            .has_value());
    for (const Affiliation who : {Affiliation::admin, Affiliation::owner}) {
        BOOST_TEST(
            (refusal(may_change_affiliation(who, who, Affiliation::outcast, true)) == conflict));
    }
    BOOST_TEST(
        (refusal(may_change_affiliation(
             Affiliation::admin, Affiliation::admin, Affiliation::owner, true)) == forbidden));
}

BOOST_AUTO_TEST_CASE(roles_are_listed_for_those_who_may_change_them)
{
    for (const Affiliation affiliation : affiliations) {
        for (const Role role : roles) {
            const Rank actor{affiliation, role};
            const std::string voice = role == Role::moderator ? "allowed" : "forbidden";
            const std::string moderators =
                affiliation >= Affiliation::admin ? "allowed" : "forbidden";
            BOOST_TEST(text(refusal(may_read_roles(actor, Role::none))) == "bad-request");
            BOOST_TEST(text(refusal(may_read_roles(actor, Role::visitor))) == voice);
            BOOST_TEST(text(refusal(may_read_roles(actor, Role::participant))) == voice);
            BOOST_TEST(text(refusal(may_read_roles(actor, Role::moderator))) == moderators);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
