// SPDX-License-Identifier: Apache-2.0
#include "transport/c2s_shard.h"

#include "core/host.h"
#include "core/resource.h"
#include "core/server.h"
#include "net/call.h"
#include "store/storage.h"
#include "transport/c2s.h"

#include <algorithm>
#include <chrono>

namespace sarang {
namespace {

using namespace std::chrono_literals;

// When so many streams have gone, or one with a long queue, what they held is given back to the
// system.
constexpr std::size_t many_streams = 256;
constexpr std::chrono::seconds quiet_before_trim{5};
constexpr auto disk_look = 5ms; // how often those who wait for the disk look at it

} // namespace

/// A stream on its way to another shard.
class C2sShard::Journey final : public Mail {
public:
    Journey(C2sShard& there, std::unique_ptr<ClientStream> stream)
        : there_{there}
        , stream_{std::move(stream)}
    {}

    void open(Shard&) override { there_.arrive(std::move(stream_)); }

private:
    C2sShard& there_;
    std::unique_ptr<ClientStream> stream_;
};

C2sShard::C2sShard(C2s& all, ServerShard& server, std::shared_ptr<const Config> config)
    : all_{all}
    , server_{server}
    , options_{server.schema(), std::move(config)}
{
    derive();
    for (const auto& host : server_.hosts()) {
        host->hooks().account_changed.add(
            priority::normal, [this](AccountEvent& event) { end_logins_of(event.account); });
    }
}

C2sShard::~C2sShard() = default;

void C2sShard::derive()
{
    limits_before_ = options_.limits_before();
    limits_after_ = options_.limits_after();
    byte_rate_ = {
        static_cast<double>(*options_.byte_rate), static_cast<double>(*options_.byte_burst)};
    stanza_rate_ = {
        static_cast<double>(*options_.stanza_rate), static_cast<double>(*options_.stanza_burst)};
    policies_.clear();
}

std::vector<OptionChange> C2sShard::configure(std::shared_ptr<const Config> config)
{
    std::vector<OptionChange> changes = options_.apply(std::move(config));
    derive();
    return changes;
}

void C2sShard::listen(Socket socket, bool direct_tls)
{
    listeners_.push_back(std::make_unique<Listener>(
        shard(), std::move(socket), [this, direct_tls](Socket accepted, const SocketAddress& peer) {
            accept(std::move(accepted), peer, direct_tls);
        }));
}

void C2sShard::accept(Socket socket, const SocketAddress& peer, bool direct_tls)
{
    const NetworkKey network = peer.network_key();
    ServerShard& keeper = this->keeper(network);
    if (&keeper != &server_) {
        shard().spawn(ask_and_admit(std::move(socket), network, direct_tls));
    } else if (server_.addresses().admit(network)) {
        admit(std::move(socket), network, direct_tls);
    } else {
        refuse(network);
    }
}

void C2sShard::refuse(const NetworkKey& network)
{
    log_.warn("too many connections that do not log in {}", field("from", network.str()));
}

Task<void> C2sShard::ask_and_admit(Socket socket, NetworkKey network, bool direct_tls)
{
    ServerShard& keeper = this->keeper(network);
    const auto ask = [&keeper, network] { return keeper.addresses().admit(network); };
    Task<bool> asking = on(keeper.shard(), ask);
    const bool admitted = co_await asking;
    if (admitted) {
        admit(std::move(socket), network, direct_tls);
    } else {
        refuse(network);
    }
}

void C2sShard::admit(Socket socket, NetworkKey network, bool direct_tls)
{
    const std::uint64_t number = ++last_number_;
    const auto [place, fresh] = streams_.emplace(
        number,
        std::make_unique<ClientStream>(*this, number, std::move(socket), network, direct_tls));
    turn_away(*place->second);
}

// Who was on the way when the server began to end does not log in any more.
void C2sShard::turn_away(ClientStream& stream)
{
    if (logins_ended_) {
        end_soon(stream, StreamError{StreamCondition::system_shutdown, {}});
    }
}

void C2sShard::end_logins()
{
    logins_ended_ = true;
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, stream] : streams_) {
        if (!stream->logged_in()) {
            numbers.push_back(number);
        }
    }
    for (const std::uint64_t number : numbers) {
        if (const auto found = streams_.find(number); found != streams_.end()) {
            found->second->close(StreamError{StreamCondition::system_shutdown, {}});
        }
    }
}

// Those that have not bound a resource; sessions are ended by who changed the account.
void C2sShard::end_logins_of(const Jid& account)
{
    for (const auto& [number, stream] : streams_) {
        if (stream->account() == account) {
            end_soon(*stream, StreamError{StreamCondition::not_authorized, {}});
        }
    }
}

void C2sShard::close()
{
    closed_ = true;
    listeners_.clear();
    streams_.clear();
    gone_.clear();
}

ServerShard& C2sShard::keeper(const NetworkKey& network)
{
    Server& server = server_.server();
    return server.shard(static_cast<unsigned>(std::hash<NetworkKey>{}(network) % server.size()));
}

void C2sShard::leave(const NetworkKey& network)
{
    ServerShard& keeper = this->keeper(network);
    if (&keeper == &server_) {
        keeper.addresses().leave(network);
    } else {
        keeper.shard().post([&keeper, network] { keeper.addresses().leave(network); });
    }
}

Task<std::chrono::milliseconds> C2sShard::failed(NetworkKey network)
{
    ServerShard& keeper = this->keeper(network);
    if (&keeper == &server_) {
        co_return keeper.addresses().failed(network);
    }
    const auto note = [&keeper, network] { return keeper.addresses().failed(network); };
    Task<std::chrono::milliseconds> noting = on(keeper.shard(), note);
    const std::chrono::milliseconds delay = co_await noting;
    co_return delay;
}

void C2sShard::succeeded(const NetworkKey& network)
{
    ServerShard& keeper = this->keeper(network);
    if (&keeper == &server_) {
        keeper.addresses().succeeded(network);
    } else {
        keeper.shard().post([&keeper, network] { keeper.addresses().succeeded(network); });
    }
}

void C2sShard::remove(ClientStream& stream)
{
    const auto found = streams_.find(stream.number());
    if (found == streams_.end() || found->second.get() != &stream) {
        return;
    }
    const bool was_slow = slow_.erase(stream.number()) != 0;
    gone_.push_back(std::move(found->second));
    streams_.erase(found);
    // After a storm of connections most of what they took lies between blocks in use.
    if (++gone_since_trim_ >= many_streams || was_slow) {
        trim();
    } else {
        quiet_.schedule(shard().timers(), quiet_before_trim);
    }
    if (!linked()) {
        shard().at_turn_end(*this);
    }
}

// Also what fewer have left, once no more go: it is too much to look for after each of them.
void C2sShard::trim()
{
    gone_since_trim_ = 0;
    quiet_.cancel();
    shard().trim_soon();
}

bool C2sShard::disk_behind() const
{
    return server_.storage().archive().behind();
}

// The writer is another thread's, and one look a while for all is cheaper than to be told.
void C2sShard::wait_for_disk(Relief& relief)
{
    waiting_for_disk_.push_back(relief);
    if (!disk_timer_.scheduled()) {
        disk_timer_.schedule(shard().timers(), disk_look);
    }
}

void C2sShard::look_at_disk()
{
    if (disk_behind()) {
        disk_timer_.schedule(shard().timers(), disk_look);
        return;
    }
    Link told;
    told.take_from(waiting_for_disk_);
    while (told.linked()) {
        auto& relief = static_cast<Relief&>(told.front());
        relief.unlink();
        relief.on_relief();
    }
}

bool C2sShard::is_home(const Jid& user)
{
    return server_.server().placement().shard_of(user.bare_str()) == shard().index();
}

void C2sShard::send_home(ClientStream& stream, const Jid& user)
{
    const unsigned there = server_.server().placement().shard_of(user.bare_str());
    shard().post([this, number = stream.number(), there] { leave_for(number, there); });
}

void C2sShard::leave_for(std::uint64_t number, unsigned shard)
{
    const auto found = streams_.find(number);
    if (found == streams_.end()) {
        return;
    }
    if (found->second->closing()) {
        return;
    }
    std::unique_ptr<ClientStream> stream = std::move(found->second);
    streams_.erase(found);
    slow_.erase(number);
    stream->depart();
    C2sShard& there = all_.shard(shard);
    there.shard().post(std::unique_ptr<Mail>{std::make_unique<Journey>(there, std::move(stream))});
}

void C2sShard::arrive(std::unique_ptr<ClientStream> stream)
{
    if (closed_) {
        return;
    }
    const std::uint64_t number = ++last_number_;
    ClientStream& arrived = *stream;
    streams_.emplace(number, std::move(stream));
    arrived.arrive(*this, number);
    turn_away(arrived);
}

void C2sShard::end_soon(ClientStream& stream, StreamError error)
{
    ending_.emplace_back(stream.number(), std::move(error));
    if (!linked()) {
        shard().at_turn_end(*this);
    }
}

void C2sShard::slow(ClientStream& stream)
{
    slow_.insert(stream.number());
    if (!linked()) {
        shard().at_turn_end(*this);
    }
}

void C2sShard::on_turn_end()
{
    gone_.clear();
    for (auto& [number, error] : std::exchange(ending_, {})) {
        const auto found = streams_.find(number);
        if (found != streams_.end()) {
            found->second->end(error);
        }
    }
    shorten_queues();
}

// Looks at those that had long queues: forgets who has caught up, and when all together hold too
// much, ends the worst ones.
void C2sShard::shorten_queues()
{
    while (end_longest_queue()) {
    }
}

// True when one was ended; there may be more.
bool C2sShard::end_longest_queue()
{
    std::size_t total = 0;
    ClientStream* worst = nullptr;
    for (auto at = slow_.begin(); at != slow_.end();) {
        const auto found = streams_.find(*at);
        const std::size_t queued = found != streams_.end() ? found->second->queued() : 0;
        if (queued == 0) {
            at = slow_.erase(at);
            continue;
        }
        total += queued;
        if (worst == nullptr || queued > worst->queued()) {
            worst = found->second.get();
        }
        ++at;
    }
    if (total <= *options_.outbound_total) {
        return false;
    }
    log_.warn("too much waits for clients that do not read {}", field("bytes", total));
    worst->end(StreamError{StreamCondition::resource_constraint, "You do not read"});
    worst->drop();
    return true;
}

void C2sShard::count(Kind kind)
{
    CoreCounters& counters = server_.counters();
    switch (kind) {
    case Kind::message:
        counters.messages.add();
        break;
    case Kind::presence:
        counters.presences.add();
        break;
    case Kind::iq:
        counters.iqs.add();
        break;
    }
}

std::shared_ptr<const SaslPolicy> C2sShard::policy(Host& host)
{
    std::shared_ptr<const SaslPolicy>& known = policies_[&host];
    if (known) {
        return known;
    }
    auto policy = std::make_shared<SaslPolicy>();
    policy->domain = host.domain();
    policy->secret = server_.server().secret();
    policy->iterations = static_cast<std::uint32_t>(*options_.iterations);
    policy->mechanisms.clear();
    if (*host.options().accounts == Accounts::anonymous) {
        policy->mechanisms.push_back(SaslMechanism::anonymous);
    } else {
        for (const std::string& wanted : *options_.mechanisms) {
            const auto mechanism = sasl_mechanism_named(wanted);
            if (mechanism && *mechanism != SaslMechanism::anonymous) {
                policy->mechanisms.push_back(*mechanism);
            }
        }
    }
    known = std::move(policy);
    return known;
}

} // namespace sarang
