// SPDX-License-Identifier: Apache-2.0
// What can go wrong, as values: stanza errors (RFC 6120 §8.3), which are answered, and stream
// errors (RFC 6120 §4.9), which end a stream.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

/// The defined conditions of a stanza error, RFC 6120 §8.3.3.
enum class Condition : std::uint8_t {
    bad_request,
    conflict,
    feature_not_implemented,
    forbidden,
    gone,
    internal_server_error,
    item_not_found,
    jid_malformed,
    not_acceptable,
    not_allowed,
    not_authorized,
    policy_violation,
    recipient_unavailable,
    redirect,
    registration_required,
    remote_server_not_found,
    remote_server_timeout,
    resource_constraint,
    service_unavailable,
    subscription_required,
    undefined_condition,
    unexpected_request,
};

/// What the sender may do about a stanza error, RFC 6120 §8.3.2.
enum class ErrorType : std::uint8_t { auth, cancel, continue_, modify, wait };

/// The element name of a condition, as in "item-not-found".
SARANG_API std::string_view name(Condition condition);
/// The value of an error's `type` attribute.
SARANG_API std::string_view name(ErrorType type);
/// The condition with this element name, if there is one.
SARANG_API std::optional<Condition> condition_named(std::string_view name);
/// The type that RFC 6120 §8.3.3 recommends for a condition.
SARANG_API ErrorType usual_type(Condition condition);

/// A failed request. `text` may go to the peer, `cause` goes only to the log.
struct Error {
    Condition condition = Condition::internal_server_error;
    std::string text;
    std::string cause;
    std::optional<ErrorType> type; ///< where it differs from usual_type()

    bool operator==(const Error&) const = default;
};

/// The defined conditions of a stream error, RFC 6120 §4.9.3.
enum class StreamCondition : std::uint8_t {
    bad_format,
    bad_namespace_prefix,
    conflict,
    connection_timeout,
    host_gone,
    host_unknown,
    improper_addressing,
    internal_server_error,
    invalid_from,
    invalid_namespace,
    invalid_xml,
    not_authorized,
    not_well_formed,
    policy_violation,
    remote_connection_failed,
    reset,
    resource_constraint,
    restricted_xml,
    see_other_host,
    system_shutdown,
    undefined_condition,
    unsupported_encoding,
    unsupported_feature,
    unsupported_stanza_type,
    unsupported_version,
};

/// The element name of a stream condition, as in "not-well-formed".
SARANG_API std::string_view name(StreamCondition condition);

/// Ends a stream. `text` goes to the peer.
struct StreamError {
    StreamCondition condition = StreamCondition::undefined_condition;
    std::string text;
    std::string application = {}; ///< XML: a more special condition (RFC 6120 §4.9.4)

    bool operator==(const StreamError&) const = default;
};

} // namespace sarang
