// SPDX-License-Identifier: Apache-2.0
// ClientStream: a client's XMPP stream over TCP (RFC 6120), with TLS or without: framing, limits
// and errors. Until a resource is bound a Login speaks for it; from then on it is the pipe of a
// Resource. It moves to the home shard of its user after log-in.
#pragma once

#include "base/api.h"
#include "base/log.h"
#include "core/pipe.h"
#include "net/connection.h"
#include "net/timer.h"
#include "transport/token_bucket.h"
#include "xml/jid.h"
#include "xml/stream_parser.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

class C2sShard;
class Host;
class Login;
class Resource;

class SARANG_API ClientStream final : public Pipe,
                                      private ConnectionEvents,
                                      private StreamEvents,
                                      private Relief {
public:
    /// `direct_tls`: the client begins with TLS.
    ClientStream(
        C2sShard& home, std::uint64_t number, Socket socket, NetworkKey network, bool direct_tls);
    ~ClientStream();
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;

    /// Within its shard.
    std::uint64_t number() const { return number_; }

    C2sShard& home() const { return *home_; }

    const Connection& connection() const { return *connection_; }

    const NetworkKey& network() const { return network_; }

    const Log& log() const { return log_; }

    bool secured() const
    {
        return connection_->tls() != nullptr && connection_->tls()->established();
    }

    bool closing() const { return closing_; }

    /// Who has logged in here, as long as no resource is bound.
    Jid account() const;

    /// A resource is bound.
    bool logged_in() const { return login_ == nullptr; }

    // Pipe
    void write(const Stanza& stanza) override;
    void write(const Element& element) override;
    void close(const StreamError& error) override;
    void close() override;
    void pause(bool on) override;
    PipeFacts facts() const override;

    std::size_t queued() const { return connection_->queued(); }

    // For Login.

    /// Sends our stream header for `host`, once for each of the client's; `to` who it says it is.
    void open(std::string_view host, std::string_view to, std::string_view lang);
    /// Begins TLS; what follows is a new stream.
    void start_tls();
    /// What follows is a new stream.
    void restart();
    /// While on, nothing is read and what has come waits.
    void hold(bool on);
    void write_features(const Element& features);

    /// The client has bound a resource, whose pipe it is from here on.
    void attach(Resource& resource) { resource_ = &resource; }

    /// What comes now is for the resource. Destroys the Login, which calls this.
    void end_login();

    /// The shard that takes it over calls this, on its thread.
    void arrive(C2sShard& home, std::uint64_t number);
    /// Leaves its shard.
    void depart();

    /// Ends the stream with an error, and the session, unless its client may come back to it.
    void end(const StreamError& error);
    /// Ends it without waiting for what the client has not read.
    void drop();

private:
    enum class Pause : std::uint8_t { rate = 1, held = 2, resource = 4, congestion = 8 };

    // ConnectionEvents
    void on_bytes(std::string_view bytes) override;
    void on_closed(CloseReason reason, std::string_view detail) override;
    void on_tls_established() override;
    // StreamEvents
    void stream_opened(const StreamHeader& header) override;
    void stanza_parsed(ParsedStanza&& stanza) override;
    void element_parsed(Element&& element) override;
    void stream_closed() override;
    // Relief
    void on_relief() override;

    void feed(std::string_view bytes);
    void feed_held();
    void receive(ParsedStanza&& parsed);
    bool from_is_own(std::string_view from) const;
    void refuse_address(ParsedStanza&& parsed);
    void paused(Pause why, bool on);
    void limit_rate();
    void wait_for_room();
    bool has_room();
    void end_stream(const std::string& last_words);
    void part();
    void watch_silence();
    void tick();
    void refill();

    C2sShard* home_;
    std::uint64_t number_;
    NetworkKey network_;
    std::unique_ptr<Connection> connection_;
    StreamParser parser_;
    std::unique_ptr<Login> login_;      ///< until its work is done
    Resource* resource_ = nullptr;      ///< once bound, until it ends
    std::unique_ptr<std::string> held_; ///< came before it could be parsed
    std::string lang_;
    Log log_;
    TokenBucket bytes_;
    TokenBucket stanzas_;
    Timer silence_{Timer::calls<&ClientStream::tick>(*this)};
    Timer refill_{Timer::calls<&ClientStream::refill>(*this)};
    std::chrono::nanoseconds heard_{}; ///< when the client last sent something
    std::uint8_t pauses_ = 0;
    bool direct_tls_;
    bool opened_ = false; ///< our header was sent for the client's current one
    bool closing_ = false;
    bool admitted_ = true; ///< counted as one that has not logged in
    bool feeding_ = false;
    bool overfull_ = false; ///< is about to be ended for that
};

} // namespace sarang
