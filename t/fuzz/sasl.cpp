// SPDX-License-Identifier: Apache-2.0
// The readers of SASL messages, and whole exchanges. The first byte chooses mechanism and
// connection, the rest is a message a line; the line "!" stands for a right answer.

#include "core/sasl.h"

#include "core/credentials.h"
#include "core/scram_messages.h"
#include "net/worker.h"
#include "xml/saslprep.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "../fake/account_store.h"
#include "../fake/loop.h"
#include "../fake/scram_client.h"

namespace sarang {
namespace {

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

class FixedNonce final : public NonceSource {
public:
    std::string nonce() override { return "3rfcNHYJY1ZVvWVs7j"; }
};

/// A host with one account.
struct Stage {
    Stage()
    {
        Account juliet;
        juliet.owner = "juliet@example.org";
        juliet.host = "example.org";
        juliet.credentials = derive_credentials(Secret{"r0m30myr0m30"}, 1).value();
        store.accounts[juliet.owner] = std::move(juliet);

        SaslPolicy allowed;
        allowed.mechanisms.push_back(SaslMechanism::anonymous);
        allowed.domain = "example.org";
        allowed.secret = "secret";
        allowed.iterations = 1;
        policy = std::make_shared<const SaslPolicy>(std::move(allowed));
    }

    SaslContext context(bool tls, bool bound)
    {
        SaslContext context{store, workers, policy};
        context.tls = tls;
        context.nonces = &nonce;
        if (bound) {
            context.bindings = {{"tls-exporter", "exported"}, {"tls-server-end-point", "digest"}};
        }
        return context;
    }

    FakeAccountStore store;
    WorkerPool workers{{"none", 0, 0}};
    std::shared_ptr<const SaslPolicy> policy;
    FixedNonce nonce;
};

void read(std::string_view message)
{
    if (const auto first = scram::parse_client_first(message)) {
        require(message == std::string{first->gs2.text} + std::string{first->bare});
        require(!first->user.empty() && !first->nonce.empty());
        require(scram::parse_gs2_header(message) == first->gs2);
    }
    if (const auto last = scram::parse_client_final(message)) {
        require(message.starts_with(last->without_proof));
        require(message == std::string{last->without_proof} + ",p=" + base64_encode(last->proof));
    }
    const Result<std::string> once = saslprep(message);
    require(once.has_value() || once.error().condition == Condition::not_acceptable);
}

SaslStep settle(Loop& loop, Task<SaslStep> task)
{
    task.promise().handle().resume();
    loop.run();
    return task.promise().take();
}

/// Says each line in turn, also when nobody listens any more.
void converse(SaslMechanism mechanism, const SaslContext& context, std::string_view lines)
{
    Loop loop;
    SaslExchange exchange{context};
    ScramClient client;
    const std::string_view method = name(mechanism);
    client.hash = method.starts_with("SCRAM-SHA-1") ? Hash::sha1 : Hash::sha256;
    client.gs2 = method.ends_with("PLUS") ? "p=tls-exporter,," : "n,,";
    client.binding = method.ends_with("PLUS") ? "exported" : "";

    bool started = false;
    std::string challenge;
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        std::string message{lines.substr(0, end)};
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
        read(message);
        if (message == "!") {
            message = challenge.empty() ? client.first() : client.final(challenge);
        }
        const SaslStep step =
            settle(loop, started ? exchange.respond(message) : exchange.start(method, message));
        started = true;
        if (const auto* next = std::get_if<SaslChallenge>(&step)) {
            challenge = next->bytes;
        } else if (const auto* success = std::get_if<SaslSuccess>(&step)) {
            require(success->user == "juliet" || success->anonymous);
            require(success->anonymous == (mechanism == SaslMechanism::anonymous));
        }
    }
}

} // namespace
} // namespace sarang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    using namespace sarang;
    static Stage stage;
    if (size == 0) {
        return 0;
    }
    const auto mechanism = static_cast<SaslMechanism>(bytes[0] % 6);
    const bool tls = (bytes[0] & 0x40) == 0;
    const bool bound = (bytes[0] & 0x80) == 0;
    // There is no shard here for a worker to come back to.
    if (mechanism == SaslMechanism::plain) {
        stage.store.failure = Error{};
    } else {
        stage.store.failure.reset();
    }
    const std::string lines{reinterpret_cast<const char*>(bytes) + 1, size - 1};
    converse(mechanism, stage.context(tls, bound), lines);
    return 0;
}
