// SPDX-License-Identifier: Apache-2.0
#include "transport/c2s.h"

#include "net/call.h"
#include "net/socket.h"

#include <chrono>

namespace sarang {
namespace {

const Log log{"c2s"};

// How long clients get to read what was said last.
constexpr std::chrono::milliseconds longest_farewell{1000};
constexpr std::chrono::milliseconds farewell_poll{10};

} // namespace

C2s::C2s(Server& server)
    : server_{server}
{
    for (unsigned i = 0; i < server.size(); ++i) {
        shards_.push_back(std::make_unique<C2sShard>(*this, server.shard(i), server.config()));
    }
}

C2s::~C2s() = default;

Result<void> C2s::prepare()
{
    C2sOptions& options = shards_[0]->options();
    Result<TlsContext::Ptr> tls = load_certificates();
    if (!tls) {
        return fail(std::move(tls).error());
    }
    tls_ = std::move(*tls);
    for (const auto& shard : shards_) {
        shard->tls(tls_);
    }
    if (Result<void> bound = bind(*options.listen, false); !bound) {
        return bound;
    }
    return bind(*options.listen_tls, true);
}

Result<TlsContext::Ptr> C2s::load_certificates()
{
    TlsContext::Options options;
    options.alpn = {"xmpp-client"};
    for (const auto& host : server_.shard(0).hosts()) {
        const std::string& chain = *host->options().certificate;
        const std::string& key = *host->options().key;
        if (chain.empty() && key.empty()) {
            continue;
        }
        Result<TlsIdentity> identity =
            TlsIdentity::load(server_.config()->resolve(chain), server_.config()->resolve(key));
        if (!identity) {
            return fail(
                identity.error().condition,
                "host " + host->name() + ": " + identity.error().text,
                identity.error().cause);
        }
        if (options.hosts.empty()) {
            options.identity = *identity;
        }
        options.hosts.emplace(host->domain(), std::move(*identity));
    }
    if (options.hosts.empty()) {
        return fail(Condition::not_acceptable, "no host has a certificate and a key");
    }
    return TlsContext::server(options);
}

Result<void> C2s::bind(const std::vector<std::string>& addresses, bool direct_tls)
{
    for (const std::string& text : addresses) {
        Result<SocketAddress> address = SocketAddress::parse(text);
        if (!address) {
            return fail(Condition::bad_request, "cannot listen at " + text + ": no address");
        }
        Result<std::vector<Socket>> sockets = listen_at(*address, server_.size());
        if (!sockets) {
            return fail(
                sockets.error().condition,
                "cannot listen at " + text + ": " + sockets.error().text,
                sockets.error().cause);
        }
        endpoints_.push_back({std::move(*sockets), direct_tls});
    }
    return {};
}

std::vector<std::string> C2s::start()
{
    std::vector<std::string> addresses;
    for (Endpoint& endpoint : endpoints_) {
        addresses.push_back(
            endpoint.sockets[0].own_address().str() + (endpoint.direct_tls ? " (TLS)" : ""));
        for (unsigned i = 0; i < server_.size(); ++i) {
            Socket& socket = endpoint.sockets[i];
            server_.shards().call(
                i, [&, i] { shards_[i]->listen(std::move(socket), endpoint.direct_tls); });
        }
    }
    endpoints_.clear();
    return addresses;
}

void C2s::stop_listening()
{
    for (unsigned i = 0; i < server_.size(); ++i) {
        server_.shards().call(i, [this, i] { shards_[i]->stop_listening(); });
    }
}

void C2s::end_logins()
{
    for (unsigned i = 0; i < server_.size(); ++i) {
        server_.shards().call(i, [this, i] { shards_[i]->end_logins(); });
    }
}

Task<void> C2s::close()
{
    const Clock& clock = server_.clock();
    const auto latest = clock.now() + longest_farewell;
    for (const auto& shard : shards_) {
        const auto count = [here = shard.get()] { return here->streams(); };
        for (bool reading = true; reading;) {
            Task<std::size_t> counting = on(shard->shard(), count);
            const std::size_t left = co_await counting;
            reading = left > 0 && clock.now() < latest;
            if (reading) {
                co_await server_.shard(0).shard().sleep(farewell_poll);
            }
        }
        const auto drop = [here = shard.get()] { here->close(); };
        Task<void> dropping = on(shard->shard(), drop);
        co_await dropping;
    }
}

Task<Result<void>> C2s::reload_certificates()
{
    Result<TlsContext::Ptr> tls = load_certificates();
    if (!tls) {
        co_return fail(std::move(tls).error());
    }
    tls_ = std::move(*tls);
    for (const auto& shard : shards_) {
        const auto take = [here = shard.get(), tls = tls_] { here->tls(tls); };
        Task<void> taking = on(shard->shard(), take);
        co_await taking;
    }
    log.info("certificates were read again");
    co_return Result<void>{};
}

Task<std::vector<OptionChange>> C2s::configure()
{
    std::vector<OptionChange> changes;
    for (const auto& shard : shards_) {
        const auto apply = [here = shard.get(), config = server_.config()] {
            return here->configure(config);
        };
        Task<std::vector<OptionChange>> applying = on(shard->shard(), apply);
        changes = co_await applying;
    }
    co_return std::move(changes);
}

} // namespace sarang
