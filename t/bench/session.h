// SPDX-License-Identifier: Apache-2.0
// One client: logs in step by step as RFC 6120 and 6121 ask, waiting for each
// answer, and then sends and receives stanzas.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loop.h"
#include "pipe.h"
#include "scram.h"
#include "stream_scanner.h"

namespace sarang::bench {

enum class Security { none, direct, starttls };

// What a session tells whoever drives it.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void ready() = 0;
    virtual void message(const Session& session, std::string_view stanza) = 0;
    // To an iq of its own, once it is ready.
    virtual void answer(const Session& session, std::string_view stanza) = 0;
    // Of others, or its own in a room, once it is ready.
    virtual void presence(const Session& session, std::string_view stanza) = 0;
};

// The server that is driven.
struct Target {
    uint16_t port = 0;
    std::string domain;
    std::string resource;
    Security security = Security::none;
    bool floor = false; // the bare relay: one line instead of a log-in
    unsigned room = 0;  // so many sessions share a room of the relay; 0: they are pairs
    unsigned sources = 8;
    SslContextPtr tls;
};

class Session {
public:
    struct Surroundings {
        const Target& target;
        Loop& loop;
        ScramKeyring& keyring;
        Observer& observer;
    };

    Session(const Surroundings& around, unsigned number);

    void open();
    void event(uint32_t events);
    void send(std::string_view bytes);
    void flush();

    unsigned number() const { return number_; }

    const std::string& jid() const { return jid_; }

    // Bytes that have come, without those of TLS.
    uint64_t received() const { return received_; }

    int descriptor() const { return pipe_.descriptor(); }

private:
    enum class Step {
        connect,
        handshake,
        hello,
        features,
        proceed,
        challenge,
        success,
        bind,
        legacy_session,
        roster,
        presence,
        ready,
    };

    void react(uint32_t events);
    void connected();
    void start_tls();
    void shake_hands();
    void secured();
    void open_stream();
    void read();
    void receive(std::string_view bytes);
    void cut(std::string_view bytes);
    void greeted(std::string_view bytes);

    void stanza(std::string_view text);
    void features(std::string_view text);
    void challenged(std::string_view text);
    void authenticated(std::string_view text);
    void bound(std::string_view text);
    void ask_roster();
    void become_ready();
    void want(uint32_t events);

    Surroundings around_;
    unsigned number_;
    std::string user_;
    std::string jid_;
    Step step_ = Step::connect;
    bool authenticated_ = false;
    bool restarted_ = false;
    bool queued_ = false;
    bool legacy_session_ = false;
    uint32_t events_ = 0;
    uint64_t received_ = 0;
    Pipe pipe_;
    StreamScanner scanner_;
    std::optional<ScramExchange> scram_;
    std::string pending_;
    std::string out_;
};

// The account that session `number` uses; the scripts that make accounts name them alike.
std::string user_name(unsigned number);

} // namespace sarang::bench
