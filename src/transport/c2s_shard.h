// SPDX-License-Identifier: Apache-2.0
// C2sShard: the clients' streams of one shard, and what they share: options, parser bounds, the
// certificates of the day. Its shard's thread.
#pragma once

#include "base/api.h"
#include "base/log.h"
#include "core/sasl.h"
#include "core/server_shard.h"
#include "net/listener.h"
#include "net/tls.h"
#include "transport/c2s_options.h"
#include "transport/client_stream.h"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sarang {

class C2s;

class SARANG_API C2sShard final : private TurnEnd {
public:
    C2sShard(C2s& all, ServerShard& server, std::shared_ptr<const Config> config);
    ~C2sShard();
    C2sShard(const C2sShard&) = delete;
    C2sShard& operator=(const C2sShard&) = delete;

    ServerShard& server() { return server_; }

    Shard& shard() { return server_.shard(); }

    C2sOptions& options() { return options_; }

    const ParserLimits& limits_before() const { return limits_before_; }

    const ParserLimits& limits_after() const { return limits_after_; }

    const TokenBucket::Rate& byte_rate() const { return byte_rate_; }

    const TokenBucket::Rate& stanza_rate() const { return stanza_rate_; }

    const TlsContext::Ptr& tls() const { return tls_; }

    const Log& log() const { return log_; }

    void tls(TlsContext::Ptr context) { tls_ = std::move(context); }

    std::vector<OptionChange> configure(std::shared_ptr<const Config> config);

    /// Starts to accept at a socket.
    void listen(Socket socket, bool direct_tls);

    /// Accepts no more.
    void stop_listening() { listeners_.clear(); }

    /// Ends the streams on which nobody has logged in with `system-shutdown`.
    void end_logins();

    /// Drops all streams, and those that are still on their way here.
    void close();

    const std::vector<std::unique_ptr<Listener>>& listeners() const { return listeners_; }

    // For streams.

    /// Destroys a stream at the end of this turn, since it may be the caller.
    void remove(ClientStream& stream);
    /// Whether this is the user's shard.
    bool is_home(const Jid& user);
    /// Takes a stream to its user's shard, from the loop. Nothing of it may run here any more.
    void send_home(ClientStream& stream, const Jid& user);
    /// Ends its resource's session from the loop, not from within what runs now.
    void end_soon(ClientStream& stream, StreamError error);
    /// It has a long queue.
    void slow(ClientStream& stream);
    /// Whether more is to be kept than the disk takes: who brings it should wait_for_disk().
    bool disk_behind() const;
    /// Tells `relief` once, when the disk is behind no longer.
    void wait_for_disk(Relief& relief);
    void count(Kind kind);
    /// A connection of this network has logged in or is gone.
    void leave(const NetworkKey& network);
    /// How long the answer to a failed log-in is to wait.
    Task<std::chrono::milliseconds> failed(NetworkKey network);
    void succeeded(const NetworkKey& network);

    /// What a host says about logging in; the same object until something changes.
    std::shared_ptr<const SaslPolicy> policy(Host& host);

    std::size_t streams() const { return streams_.size(); }

private:
    class Journey;

    void on_turn_end() override;
    void derive();
    void accept(Socket socket, const SocketAddress& peer, bool direct_tls);
    void turn_away(ClientStream& stream);
    void trim();
    void admit(Socket socket, NetworkKey network, bool direct_tls);
    void refuse(const NetworkKey& network);
    Task<void> ask_and_admit(Socket socket, NetworkKey network, bool direct_tls);
    ServerShard& keeper(const NetworkKey& network);
    void shorten_queues();
    bool end_longest_queue();
    void look_at_disk();
    void leave_for(std::uint64_t number, unsigned shard);
    void arrive(std::unique_ptr<ClientStream> stream);
    void end_logins_of(const Jid& account);

    C2s& all_;
    ServerShard& server_;
    C2sOptions options_;
    ParserLimits limits_before_;
    ParserLimits limits_after_;
    TokenBucket::Rate byte_rate_{};
    TokenBucket::Rate stanza_rate_{};
    TlsContext::Ptr tls_;
    Log log_{"c2s"};
    std::unordered_map<Host*, std::shared_ptr<const SaslPolicy>> policies_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unordered_map<std::uint64_t, std::unique_ptr<ClientStream>> streams_;
    std::vector<std::unique_ptr<ClientStream>> gone_;
    std::vector<std::pair<std::uint64_t, StreamError>> ending_;
    std::unordered_set<std::uint64_t> slow_;
    std::uint64_t last_number_ = 0;
    bool logins_ended_ = false;
    bool closed_ = false;
    std::size_t gone_since_trim_ = 0;
    Link waiting_for_disk_;
    Timer quiet_{Timer::calls<&C2sShard::trim>(*this)};
    Timer disk_timer_{Timer::calls<&C2sShard::look_at_disk>(*this)};
};

} // namespace sarang
