// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

namespace sarang {
namespace {

struct Row {
    Condition condition;
    std::string_view name;
    ErrorType type;
};

// RFC 6120 §8.3.3.1 to §8.3.3.22; where it names two types, the first.
const std::vector<Row> conditions{
    {Condition::bad_request, "bad-request", ErrorType::modify},
    {Condition::conflict, "conflict", ErrorType::cancel},
    {Condition::feature_not_implemented, "feature-not-implemented", ErrorType::cancel},
    {Condition::forbidden, "forbidden", ErrorType::auth},
    {Condition::gone, "gone", ErrorType::cancel},
    {Condition::internal_server_error, "internal-server-error", ErrorType::cancel},
    {Condition::item_not_found, "item-not-found", ErrorType::cancel},
    {Condition::jid_malformed, "jid-malformed", ErrorType::modify},
    {Condition::not_acceptable, "not-acceptable", ErrorType::modify},
    {Condition::not_allowed, "not-allowed", ErrorType::cancel},
    {Condition::not_authorized, "not-authorized", ErrorType::auth},
    {Condition::policy_violation, "policy-violation", ErrorType::modify},
    {Condition::recipient_unavailable, "recipient-unavailable", ErrorType::wait},
    {Condition::redirect, "redirect", ErrorType::modify},
    {Condition::registration_required, "registration-required", ErrorType::auth},
    {Condition::remote_server_not_found, "remote-server-not-found", ErrorType::cancel},
    {Condition::remote_server_timeout, "remote-server-timeout", ErrorType::wait},
    {Condition::resource_constraint, "resource-constraint", ErrorType::wait},
    {Condition::service_unavailable, "service-unavailable", ErrorType::cancel},
    {Condition::subscription_required, "subscription-required", ErrorType::auth},
    {Condition::undefined_condition, "undefined-condition", ErrorType::cancel},
    {Condition::unexpected_request, "unexpected-request", ErrorType::wait},
};

struct StreamRow {
    StreamCondition condition;
    std::string_view name;
};

// RFC 6120 §4.9.3.1 to §4.9.3.25.
const std::vector<StreamRow> stream_conditions{
    {StreamCondition::bad_format, "bad-format"},
    {StreamCondition::bad_namespace_prefix, "bad-namespace-prefix"},
    {StreamCondition::conflict, "conflict"},
    {StreamCondition::connection_timeout, "connection-timeout"},
    {StreamCondition::host_gone, "host-gone"},
    {StreamCondition::host_unknown, "host-unknown"},
    {StreamCondition::improper_addressing, "improper-addressing"},
    {StreamCondition::internal_server_error, "internal-server-error"},
    {StreamCondition::invalid_from, "invalid-from"},
    {StreamCondition::invalid_namespace, "invalid-namespace"},
    {StreamCondition::invalid_xml, "invalid-xml"},
    {StreamCondition::not_authorized, "not-authorized"},
    {StreamCondition::not_well_formed, "not-well-formed"},
    {StreamCondition::policy_violation, "policy-violation"},
    {StreamCondition::remote_connection_failed, "remote-connection-failed"},
    {StreamCondition::reset, "reset"},
    {StreamCondition::resource_constraint, "resource-constraint"},
    {StreamCondition::restricted_xml, "restricted-xml"},
    {StreamCondition::see_other_host, "see-other-host"},
    {StreamCondition::system_shutdown, "system-shutdown"},
    {StreamCondition::undefined_condition, "undefined-condition"},
    {StreamCondition::unsupported_encoding, "unsupported-encoding"},
    {StreamCondition::unsupported_feature, "unsupported-feature"},
    {StreamCondition::unsupported_stanza_type, "unsupported-stanza-type"},
    {StreamCondition::unsupported_version, "unsupported-version"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(each_condition_has_the_name_and_type_of_rfc_6120)
{
    BOOST_TEST(conditions.size() == 22);
    for (const Row& row : conditions) {
        BOOST_TEST(name(row.condition) == row.name);
        BOOST_TEST(name(usual_type(row.condition)) == name(row.type));
    }
}

BOOST_AUTO_TEST_CASE(each_condition_is_found_by_its_name)
{
    for (const Row& row : conditions) {
        BOOST_TEST((condition_named(row.name) == row.condition));
    }
    for (const std::string_view other : {"", "Conflict", "conflict ", "payment-required", "text"}) {
        BOOST_TEST(!condition_named(other).has_value());
    }
}

BOOST_AUTO_TEST_CASE(each_type_has_the_name_of_rfc_6120)
{
    BOOST_TEST(name(ErrorType::auth) == "auth");
    BOOST_TEST(name(ErrorType::cancel) == "cancel");
    BOOST_TEST(name(ErrorType::continue_) == "continue");
    BOOST_TEST(name(ErrorType::modify) == "modify");
    BOOST_TEST(name(ErrorType::wait) == "wait");
}

BOOST_AUTO_TEST_CASE(each_stream_condition_has_the_name_of_rfc_6120)
{
    std::set<std::string_view> names;
    for (const StreamRow& row : stream_conditions) {
        BOOST_TEST(name(row.condition) == row.name);
        names.insert(row.name);
    }
    BOOST_TEST(names.size() == 25);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
