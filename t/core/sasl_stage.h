// SPDX-License-Identifier: Apache-2.0
// SaslStage: a host with one account, juliet, on which the tests of SASL play.
#pragma once

#include "base/clock.h"
#include "core/credentials.h"
#include "core/sasl.h"
#include "net/shards.h"
#include "net/worker.h"

#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "../fake/account_store.h"
#include "../fake/loop.h"
#include "../fake/scram_client.h"

namespace sarang {

inline std::ostream& operator<<(std::ostream& out, SaslCondition condition)
{
    return out << name(condition);
}

inline std::ostream& operator<<(std::ostream& out, SaslMechanism mechanism)
{
    return out << name(mechanism);
}

inline std::ostream& operator<<(std::ostream& out, Hash hash)
{
    return out << (hash == Hash::sha1 ? "SHA-1" : "SHA-256");
}

class FixedNonce final : public NonceSource {
public:
    explicit FixedNonce(std::string nonce)
        : nonce_{std::move(nonce)}
    {}

    std::string nonce() override { return nonce_; }

private:
    std::string nonce_;
};

/// Runs a task that waits for nothing but this thread's loop.
template <class T>
T settle(Loop& loop, Task<T> task)
{
    task.promise().handle().resume();
    loop.run();
    return task.promise().take();
}

template <class T>
Task<void> fulfil(Task<T> task, std::promise<T>& promise)
{
    try {
        promise.set_value(co_await task);
    } catch (...) {
        promise.set_exception(std::current_exception());
    }
}

/// Runs a task that waits for workers: on a shard.
template <class T>
T settle(Shards& shards, Task<T> task)
{
    std::promise<T> promise;
    Task<void> errand = fulfil(std::move(task), promise);
    shards.shard(0).post([&] { shards.shard(0).spawn(std::move(errand)); });
    return promise.get_future().get();
}

struct SaslStage {
    static constexpr std::uint32_t iterations = 16;

    SaslStage()
    {
        policy.domain = "example.org";
        policy.secret = "what only this server knows";
        policy.iterations = iterations;
        add("juliet", "r0m30myr0m30");
    }

    void add(const std::string& user, std::string_view password)
    {
        const Secret secret{password};
        Account account;
        account.owner = user + "@example.org";
        account.host = "example.org";
        account.credentials = derive_credentials(secret, iterations).value();
        store.accounts[account.owner] = std::move(account);
    }

    SaslContext context()
    {
        SaslContext context{store, workers, std::make_shared<const SaslPolicy>(policy)};
        context.tls = tls;
        context.bindings = bindings;
        context.nonces = nonces;
        return context;
    }

    /// Both messages of a client; the steps that answer them.
    std::vector<SaslStep> play(SaslExchange& exchange, ScramClient& client, bool plus = false)
    {
        std::string mechanism = client.hash == Hash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
        mechanism += plus ? "-PLUS" : "";
        std::vector<SaslStep> steps;
        steps.push_back(settle(loop, exchange.start(mechanism, client.first())));
        if (const auto* challenge = std::get_if<SaslChallenge>(&steps.back())) {
            const std::string last = client.final(challenge->bytes);
            steps.push_back(settle(loop, exchange.respond(last)));
        }
        return steps;
    }

    SaslStep outcome(ScramClient client, bool plus = false)
    {
        SaslExchange exchange{context()};
        return play(exchange, client, plus).back();
    }

    SaslStep start(std::string_view mechanism, std::optional<std::string_view> initial)
    {
        SaslExchange exchange{context()};
        return settle(loop, exchange.start(mechanism, initial));
    }

    Loop loop;
    FakeAccountStore store;
    WorkerPool workers{{"test", 0, 0}}; ///< always full: what needs a worker fails
    SaslPolicy policy;
    bool tls = true;
    std::vector<ChannelBinding> bindings;
    NonceSource* nonces = nullptr;
};

inline std::optional<SaslCondition> failed(const SaslStep& step)
{
    const auto* failure = std::get_if<SaslFailure>(&step);
    return failure != nullptr ? std::optional{failure->condition} : std::nullopt;
}

inline bool succeeded(const SaslStep& step, std::string_view user)
{
    const auto* success = std::get_if<SaslSuccess>(&step);
    return success != nullptr && success->user == user;
}

inline std::string challenge_of(const SaslStep& step)
{
    const auto* challenge = std::get_if<SaslChallenge>(&step);
    return challenge != nullptr ? challenge->bytes : std::string{};
}

} // namespace sarang
