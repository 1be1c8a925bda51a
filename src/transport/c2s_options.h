// SPDX-License-Identifier: Apache-2.0
// What `[c2s]` and the limits of a client's stream may say. One per shard.
#pragma once

#include "core/option.h"
#include "xml/stream_parser.h"

namespace sarang {

enum class ResourceConflict : std::uint8_t { replace, generate, refuse };

struct SARANG_API C2sOptions {
    C2sOptions(Schema& schema, std::shared_ptr<const Config> config);

    /// The parser's bounds before log-in, and after it.
    ParserLimits limits_before() const;
    ParserLimits limits_after() const;

    std::vector<OptionChange> apply(std::shared_ptr<const Config> config);

    Options c2s;
    Option<std::vector<std::string>> listen;
    Option<std::vector<std::string>> listen_tls;
    Option<bool> require_tls;
    Option<ResourceConflict> resource_conflict;
    Option<Milliseconds> ping_after;
    Option<Milliseconds> idle_limit;
    Option<Milliseconds> user_timeout;

    Options limits;
    Option<std::size_t> stanza_size;
    Option<std::size_t> stanza_size_before_login;
    Option<std::int64_t> depth;
    Option<std::int64_t> attributes;
    Option<std::int64_t> children;
    Option<std::size_t> parser_memory;
    Option<Milliseconds> login_time;
    Option<std::int64_t> login_tries;
    Option<std::int64_t> stanza_rate;
    Option<std::int64_t> stanza_burst;
    Option<std::size_t> byte_rate;
    Option<std::size_t> byte_burst;
    Option<std::size_t> outbound_queue;
    Option<std::size_t> outbound_total;

    Options sasl;
    Option<std::int64_t> iterations;
    Option<std::vector<std::string>> mechanisms;
};

} // namespace sarang
