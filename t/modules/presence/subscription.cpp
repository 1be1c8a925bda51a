// SPDX-License-Identifier: Apache-2.0
// The tables of RFC 6121 appendix A, state by state.
#include "modules/presence/subscription.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sarang {
namespace {

// "none", "none+out", "none+in", "none+out+in", "to", "to+in", "from", "from+out", "both"
Contact state(std::string_view name)
{
    Contact contact;
    const auto has = [name](std::string_view part) { return name.find(part) != name.npos; };
    const bool to = name.starts_with("to") || name == "both";
    const bool from = name.starts_with("from") || name == "both";
    contact.subscription = to && from ? Subscription::both
                           : to       ? Subscription::to
                           : from     ? Subscription::from
                                      : Subscription::none;
    contact.ask = has("+out");
    contact.pending_in = has("+in");
    return contact;
}

std::string described(const Contact& contact)
{
    constexpr std::string_view names[] = {"none", "to", "from", "both"};
    std::string name{names[static_cast<int>(contact.subscription)]};
    name += contact.ask ? "+out" : "";
    name += contact.pending_in ? "+in" : "";
    return name;
}

struct Case {
    std::string_view before;
    bool passes;
    std::string_view after;
};

template <std::size_t size>
void check(Transition (*change)(Type, const Contact&), Type type, const Case (&cases)[size])
{
    for (const Case& one : cases) {
        const Transition result = change(type, state(one.before));
        BOOST_TEST_CONTEXT(one.before)
        {
            BOOST_TEST(described(result.state) == one.after);
            BOOST_TEST(result.passes == one.passes);
            BOOST_TEST(result.changed == (one.before != one.after));
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(subscription)

BOOST_AUTO_TEST_CASE(a_2_1_outbound_subscribe)
{
    check(
        outbound,
        Type::subscribe,
        {{"none", true, "none+out"},
         {"none+out", true, "none+out"},
         {"none+in", true, "none+out+in"},
         {"none+out+in", true, "none+out+in"},
         {"to", true, "to"},
         {"to+in", true, "to+in"},
         {"from", true, "from+out"},
         {"from+out", true, "from+out"},
         {"both", true, "both"}});
}

BOOST_AUTO_TEST_CASE(a_2_2_outbound_unsubscribe)
{
    check(
        outbound,
        Type::unsubscribe,
        {{"none", true, "none"},
         {"none+out", true, "none"},
         {"none+in", true, "none+in"},
         {"none+out+in", true, "none+in"},
         {"to", true, "none"},
         {"to+in", true, "none+in"},
         {"from", true, "from"},
         {"from+out", true, "from"},
         {"both", true, "from"}});
}

BOOST_AUTO_TEST_CASE(a_2_3_outbound_subscribed)
{
    check(
        outbound,
        Type::subscribed,
        {{"none+in", true, "from"},
         {"none+out+in", true, "from+out"},
         {"to+in", true, "both"},
         {"from", false, "from"},
         {"from+out", false, "from+out"},
         {"both", false, "both"}});
}

BOOST_AUTO_TEST_CASE(subscribed_without_a_request_approves_one_beforehand)
{
    for (const std::string_view name : {"none", "none+out", "to"}) {
        const Transition result = outbound(Type::subscribed, state(name));
        BOOST_TEST(described(result.state) == name);
        BOOST_TEST(result.state.approved);
        BOOST_TEST(result.changed);
        BOOST_TEST(!result.passes);
    }
}

BOOST_AUTO_TEST_CASE(a_2_4_outbound_unsubscribed)
{
    check(
        outbound,
        Type::unsubscribed,
        {{"none", false, "none"},
         {"none+out", false, "none+out"},
         {"none+in", true, "none"},
         {"none+out+in", true, "none+out"},
         {"to", false, "to"},
         {"to+in", true, "to"},
         {"from", true, "none"},
         {"from+out", true, "none+out"},
         {"both", true, "to"}});
}

BOOST_AUTO_TEST_CASE(a_3_1_inbound_subscribe)
{
    check(
        inbound,
        Type::subscribe,
        {{"none", true, "none+in"},
         {"none+out", true, "none+out+in"},
         {"none+in", false, "none+in"},
         {"none+out+in", false, "none+out+in"},
         {"to", true, "to+in"},
         {"to+in", false, "to+in"},
         {"from", false, "from"},
         {"from+out", false, "from+out"},
         {"both", false, "both"}});
}

BOOST_AUTO_TEST_CASE(one_who_is_subscribed_already_is_told_so_and_shown_who_is_there)
{
    for (const std::string_view name : {"from", "both"}) {
        const Transition result = inbound(Type::subscribe, state(name));
        BOOST_TEST((result.approve && result.granted && !result.changed));
    }
    BOOST_TEST(!inbound(Type::subscribe, state("none")).approve);
}

BOOST_AUTO_TEST_CASE(a_request_that_was_approved_beforehand_is_granted_without_asking)
{
    Contact before = state("to");
    before.approved = true;
    const Transition result = inbound(Type::subscribe, before);
    BOOST_TEST(described(result.state) == "both");
    BOOST_TEST((result.approve && result.granted && result.changed));
    BOOST_TEST(!result.passes);
}

BOOST_AUTO_TEST_CASE(a_3_2_inbound_unsubscribe)
{
    check(
        inbound,
        Type::unsubscribe,
        {{"none", false, "none"},
         {"none+out", false, "none+out"},
         {"none+in", true, "none"},
         {"none+out+in", true, "none+out"},
         {"to", false, "to"},
         {"to+in", true, "to"},
         {"from", true, "none"},
         {"from+out", true, "none+out"},
         {"both", true, "to"}});
}

BOOST_AUTO_TEST_CASE(one_who_unsubscribes_is_told_that_it_is_over_where_there_was_something)
{
    BOOST_TEST(inbound(Type::unsubscribe, state("both")).cancel);
    BOOST_TEST(inbound(Type::unsubscribe, state("none+in")).cancel);
    BOOST_TEST(!inbound(Type::unsubscribe, state("to")).cancel);
}

BOOST_AUTO_TEST_CASE(a_3_3_inbound_subscribed)
{
    check(
        inbound,
        Type::subscribed,
        {{"none", false, "none"},
         {"none+out", true, "to"},
         {"none+in", false, "none+in"},
         {"none+out+in", true, "to+in"},
         {"to", false, "to"},
         {"to+in", false, "to+in"},
         {"from", false, "from"},
         {"from+out", true, "both"},
         {"both", false, "both"}});
}

BOOST_AUTO_TEST_CASE(a_3_4_inbound_unsubscribed)
{
    check(
        inbound,
        Type::unsubscribed,
        {{"none", false, "none"},
         {"none+out", true, "none"},
         {"none+in", false, "none+in"},
         {"none+out+in", true, "none+in"},
         {"to", true, "none"},
         {"to+in", true, "none+in"},
         {"from", false, "from"},
         {"from+out", true, "from"},
         {"both", true, "from"}});
}

BOOST_AUTO_TEST_CASE(presence_is_granted_and_revoked_with_the_subscription_from)
{
    BOOST_TEST(outbound(Type::subscribed, state("none+in")).granted);
    BOOST_TEST(!outbound(Type::subscribed, state("none")).granted);
    BOOST_TEST(outbound(Type::unsubscribed, state("both")).revoked);
    BOOST_TEST(inbound(Type::unsubscribe, state("from")).revoked);
    BOOST_TEST(!inbound(Type::unsubscribe, state("none+in")).revoked);
}

BOOST_AUTO_TEST_CASE(a_contact_of_whom_only_a_request_was_kept_is_void_without_it)
{
    Contact contact = state("none+in");
    contact.listed = false;
    BOOST_TEST(!contact.is_void());
    BOOST_TEST(outbound(Type::unsubscribed, contact).state.is_void());
    contact.listed = true;
    BOOST_TEST(!outbound(Type::unsubscribed, contact).state.is_void());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
