// SPDX-License-Identifier: Apache-2.0
// SASL, the server's side (RFC 4422): SCRAM, PLAIN and ANONYMOUS. Free of any framing: bytes in,
// a step out; base64 and XML are the transport's. An unknown user cannot be told from a wrong
// password, neither by a reply nor by the work that is done. Lives on one shard.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "core/sasl_step.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class AccountStore;
class WorkerPool;

/// From the strongest to the weakest, which is the order in which they are offered.
enum class SaslMechanism : std::uint8_t {
    scram_sha_256_plus,
    scram_sha_1_plus,
    scram_sha_256,
    scram_sha_1,
    plain,
    anonymous,
};

/// The registered name, as in "SCRAM-SHA-256-PLUS".
SARANG_API std::string_view name(SaslMechanism mechanism);
/// The mechanism with this name, if we know it.
SARANG_API std::optional<SaslMechanism> sasl_mechanism_named(std::string_view name);

/// What a host says about logging in. Immutable, shared by all exchanges that began under it.
struct SaslPolicy {
    /// ANONYMOUS (XEP-0175) joins on hosts that are set up for it.
    std::vector<SaslMechanism> mechanisms{
        SaslMechanism::scram_sha_256_plus,
        SaslMechanism::scram_sha_1_plus,
        SaslMechanism::scram_sha_256,
        SaslMechanism::scram_sha_1,
        SaslMechanism::plain,
    };
    std::string domain;                ///< normalised
    std::string secret;                ///< of this server, lasting: what unknown users are made of
    std::uint32_t iterations = 10'000; ///< what new accounts get, hence what unknown users show
};

/// A channel binding that this connection has (RFC 5056): "tls-exporter" and its bytes.
struct ChannelBinding {
    std::string type;
    std::string bytes;
};

/// Makes the server's part of a nonce: printable ASCII without a comma.
class SARANG_API NonceSource {
public:
    virtual ~NonceSource() = default;
    virtual std::string nonce() = 0;
};

/// What an exchange works with. What it refers to must outlive the exchange.
struct SaslContext {
    AccountStore& accounts;
    WorkerPool& hashing;
    std::shared_ptr<const SaslPolicy> policy;
    bool tls = false;
    std::vector<ChannelBinding> bindings{};
    NonceSource* nonces = nullptr; ///< absent: random ones
};

/// What to offer on this connection, in order of preference: PLAIN only under TLS, -PLUS only
/// with a channel binding.
SARANG_API std::vector<SaslMechanism> offered_mechanisms(const SaslContext& context);

/// The types to announce by XEP-0440; empty when no -PLUS mechanism is offered.
SARANG_API std::vector<std::string_view> offered_bindings(const SaslContext& context);

/// The hashing that an exchange did. The same for an unknown user as for a wrong password.
struct SaslWork {
    unsigned lookups = 0;     ///< accounts asked for
    unsigned decoys = 0;      ///< keys made for a user who may not exist
    unsigned proofs = 0;      ///< SCRAM proofs checked
    unsigned derivations = 0; ///< PBKDF2 runs on a worker
    std::uint64_t iterations = 0;

    bool operator==(const SaslWork&) const = default;
};

/// One attempt to log in: start(), then respond() to each challenge, until success or failure.
/// A step out of turn ends it. Views that are passed must live until the task is done.
class SARANG_API SaslExchange {
public:
    /// The longest message that is looked at, in bytes.
    static constexpr std::size_t max_message = 4096;

    explicit SaslExchange(SaslContext context);
    ~SaslExchange();
    SaslExchange(const SaslExchange&) = delete;
    SaslExchange& operator=(const SaslExchange&) = delete;

    /// `initial` is empty when the client sent a zero-length response, absent when it sent none.
    Task<SaslStep> start(std::string_view mechanism, std::optional<std::string_view> initial);
    Task<SaslStep> respond(std::string_view response);

    /// That of start(), once it named one that is offered.
    std::optional<SaslMechanism> mechanism() const;

    const SaslWork& work() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

} // namespace sarang
