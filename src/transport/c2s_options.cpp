// SPDX-License-Identifier: Apache-2.0
#include "transport/c2s_options.h"

namespace sarang {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t gib = 1024 * mib;

} // namespace

C2sOptions::C2sOptions(Schema& schema, std::shared_ptr<const Config> config)
    : c2s{schema, config, "c2s"}
    , listen{c2s.list(
          "listen",
          {"0.0.0.0:5222", "[::]:5222"},
          "addresses for clients that use STARTTLS",
          Effect::restart)}
    , listen_tls{c2s.list(
          "listen_tls",
          {"0.0.0.0:5223", "[::]:5223"},
          "addresses for clients that begin with TLS (XEP-0368)",
          Effect::restart)}
    , require_tls{c2s.boolean(
          "require_tls",
          true,
          "refuse to log in without TLS; turn it off for tests on one machine only",
          Effect::new_connections)}
    , resource_conflict{c2s.choice<ResourceConflict>(
          "resource_conflict",
          ResourceConflict::replace,
          {{"replace", ResourceConflict::replace},
           {"generate", ResourceConflict::generate},
           {"refuse", ResourceConflict::refuse}},
          "when a resource is bound again: end the older session, give the newer another name, or "
          "refuse it")}
    , ping_after{c2s.duration(
          "ping_after", 2min, {1s, 24h}, "send a space to a client that was silent for so long")}
    , idle_limit{c2s.duration(
          "idle_limit",
          0ms,
          {0ms, 365 * 24h},
          "end a session that was silent for so long; 0s: never")}
    , user_timeout{c2s.duration(
          "user_timeout",
          90s,
          {1s, 1h},
          "give a connection up whose peer has not acknowledged data for so long",
          Effect::new_connections)}
    , limits{schema, config, "limits"}
    , stanza_size{limits.size(
          "stanza_size", 512 * kib, {10 * kib, 64 * mib}, "the largest stanza of a client")}
    , stanza_size_before_login{limits.size(
          "stanza_size_before_login", 10 * kib, {1 * kib, 1 * mib}, "the same before log-in")}
    , depth{limits.integer("depth", 128, {8, 10'000}, "nesting of elements in a stream")}
    , attributes{limits.integer(
          "attributes",
          256,
          {8, 10'000},
          "attributes of one element, and namespaces that are declared at one place")}
    , children{limits.integer("children", 4096, {8, 1'000'000}, "elements in one stanza")}
    , parser_memory{limits.size(
          "parser_memory", 8 * mib, {64 * kib, 1 * gib}, "memory to parse one stanza with")}
    , login_time{limits.duration(
          "login_time", 60s, {1s, 1h}, "from connecting to having bound a resource")}
    , login_tries{limits.integer("login_tries", 5, {1, 100}, "failed log-ins of one connection")}
    , stanza_rate{limits.integer(
          "stanza_rate", 200, {0, 1'000'000}, "stanzas a second of one session; 0: no limit")}
    , stanza_burst{limits.integer(
          "stanza_burst", 2000, {1, 10'000'000}, "stanzas at once before stanza_rate counts")}
    , byte_rate{limits.size(
          "byte_rate", 256 * kib, {0, 1 * gib}, "bytes a second of one session; 0: no limit")}
    , byte_burst{limits.size(
          "byte_burst", 2 * mib, {16 * kib, 1 * gib}, "bytes at once before byte_rate counts")}
    , outbound_queue{limits.size(
          "outbound_queue",
          1 * mib,
          {64 * kib, 1 * gib},
          "what may wait for a client that does not read, beyond one stanza")}
    , outbound_total{limits.size(
          "outbound_total",
          32 * mib,
          {1 * mib, 1024 * gib},
          "the same for all clients of a shard together: the longest queues go first")}
    , sasl{schema, config, "sasl"}
    , iterations{sasl.integer(
          "iterations",
          10'000,
          {4096, 10'000'000},
          "of PBKDF2, for passwords that are set from now on")}
    , mechanisms{sasl.list(
          "mechanisms",
          {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"},
          "what is offered where the connection allows it",
          Effect::new_connections)}
{}

ParserLimits C2sOptions::limits_after() const
{
    ParserLimits bounds;
    bounds.stanza_bytes = *stanza_size;
    bounds.depth = static_cast<std::size_t>(*depth);
    bounds.attributes = static_cast<std::size_t>(*attributes);
    bounds.children = static_cast<std::size_t>(*children);
    bounds.parser_bytes = *parser_memory;
    return bounds;
}

ParserLimits C2sOptions::limits_before() const
{
    ParserLimits bounds = limits_after();
    bounds.stanza_bytes = *stanza_size_before_login;
    return bounds;
}

std::vector<OptionChange> C2sOptions::apply(std::shared_ptr<const Config> config)
{
    std::vector<OptionChange> changes = c2s.apply(config);
    for (Options* more : {&limits, &sasl}) {
        const std::vector<OptionChange> changed = more->apply(config);
        changes.insert(changes.end(), changed.begin(), changed.end());
    }
    return changes;
}

} // namespace sarang
